import { Refusal } from "../model/refusal.ts";
import type { Features } from "../model/features.ts";
import type { Password } from "./password.ts";

/** What somebody has shown, on which their rights rest. */
export interface Shown {
  /** The session whose token was shown. */
  readonly session: string | undefined;
  /** That the password was given: by a token that says so, or with the request. */
  readonly proof: string | undefined;
}

/** Counts who tries passwords. */
export interface Attempts {
  /** Counts one from there. Throws a Refusal, `rate_limited`. Returns what takes it back. */
  attempt(address: string): () => void;
}

export interface AccessOptions {
  /** Without one, everybody has every right. */
  readonly password?: Password | undefined;
  /** Without the password one may read, and not write. */
  readonly readOnlyGuests?: boolean;
  /** Whether a message may come without a session. */
  readonly anonymousPosts?: boolean;
  readonly search?: boolean;
  readonly echo?: boolean;
}

/**
 * The one place that knows who may do what. All doors ask it: the HTTP handler before a route, the
 * door of the room before a visit, the room before a post.
 */
export class Access {
  readonly #options: AccessOptions;
  readonly #attempts: Attempts;

  constructor(options: AccessOptions, attempts: Attempts) {
    this.#options = options;
    this.#attempts = attempts;
  }

  /** What the password proves; undefined where there is none. */
  get proof(): string | undefined {
    return this.#options.password?.proof;
  }

  /** Whether what one may do depends on the password. */
  get hasPassword(): boolean {
    return this.#options.password !== undefined;
  }

  /** What somebody may do who has shown that proof, or none. */
  features(proof: string | undefined): Features {
    const { password, readOnlyGuests = false, anonymousPosts = true, search = true } =
      this.#options;
    // Not secret: it comes out of a token that we have signed.
    const write = password === undefined || proof === password.proof;
    const read = write || readOnlyGuests;
    return { read, write, search: read && search, anonymous: write && anonymousPosts };
  }

  /** Throws a Refusal where somebody may not read. */
  checkRead({ proof }: Pick<Shown, "proof">): void {
    if (this.features(proof).read) return;
    throw new Refusal(
      "unauthorized",
      `this room has a password; ${HOW}`,
    );
  }

  /** Throws a Refusal where somebody may not write: messages, names, whatever others are shown. */
  checkWrite({ session, proof }: Shown): void {
    const { write, anonymous } = this.features(proof);
    if (!write && !this.#options.readOnlyGuests) return this.checkRead({ proof });
    if (!write) throw new Refusal("forbidden", `only those with the password may write; ${HOW}`);
    if (session === undefined && !anonymous) {
      throw new Refusal(
        "unauthorized",
        "the operator of this server accepts no messages without a session; " +
          'get a token by POST /api/session {"name":"…"}, and send it as Authorization: Bearer',
      );
    }
  }

  /** Throws a Refusal where the operator has switched that off. */
  checkOffered(what: "search" | "echo"): void {
    if (this.#options[what] ?? true) return;
    throw new Refusal("forbidden", `the operator of this server has switched off ${what}`);
  }

  /** Throws a Refusal where a name is the password: it would be shown to everybody. */
  async checkName(name: string): Promise<void> {
    if (!await this.#options.password?.matches(name)) return;
    throw new Refusal("bad_request", "that is the password, which is given already; wanted a name");
  }

  /**
   * The proof for a password that was given, from that address; undefined where none is needed.
   * Rejects with a Refusal: `unauthorized` where it is another, `rate_limited` after too many of those.
   */
  async prove(given: unknown, address: string): Promise<string | undefined> {
    const { password } = this.#options;
    if (!password) return undefined;
    if (typeof given !== "string") throw new Refusal("bad_request", '"password" must be text');
    // Counted before it is looked at: many at once are many.
    const takeBack = this.#attempts.attempt(address);
    if (!await password.matches(given)) {
      throw new Refusal("unauthorized", "that is not the password");
    }
    takeBack();
    return password.proof;
  }
}

/** Of a room that anybody may read and write. */
export const OPEN = new Access({}, { attempt: () => () => {} });

const HOW = 'give it by POST /api/session {"password":"…"}, which returns a token for ' +
  "Authorization: Bearer, or by curl -u NAME:PASSWORD; over TCP it is asked for";
