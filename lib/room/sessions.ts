import { type Clock, systemClock } from "../base/clock.ts";
import { nameOrNone } from "../names/mod.ts";
import { Refusal } from "../model/refusal.ts";

const DAY_MS = 24 * 60 * 60 * 1000;
/** A token that is older is replaced when it is used: seldom enough that it can be kept in a file. */
const RENEW_MS = DAY_MS;
/** The first field of a payload: how the rest is to be read. */
const FORMAT = 1;
/** The sign-in of all tokens of a session from before tokens had one. */
export const EARLIER_SIGN_IN = "earlier";

/** Who a client is, over all its connections and transports, before and after a restart. */
export interface Session {
  readonly id: string;
  /** The name it had when its token was issued; undefined where none has been chosen that is one. */
  readonly name: string | undefined;
  /** One token and its renewals: a session may have several, and each can be ended by itself. */
  readonly signIn: string;
  /** When its token was issued, in milliseconds since 1970: it is good for so long from then on. */
  readonly issuedAt: number;
  /** What the session has proved, in the words of whoever asked for it; kept by every renewal. */
  readonly proof?: string | undefined;
}

/** Says of a session whose token is genuine what has become of it since. */
export interface SignInRecord {
  /** Whether the sign-in was ended, by its person or an operator. */
  isEnded(session: Session): boolean;
  /** When it was last used, as far as that is known, in milliseconds since 1970. */
  usedAt(session: Session): number | undefined;
}

export interface SessionOptions {
  readonly clock?: Clock;
  /** How long a token is good for after it was issued, or its sign-in used. */
  readonly lifeMs?: number;
  /** When tokens began to have an end: what was issued before counts as issued then. */
  readonly since?: number;
  readonly record?: SignInRecord;
  /** What a session counts as having proved by what it is, for as long as it is that. */
  readonly proofOf?: (session: string) => string | undefined;
}

type Judgement = Session | "unknown" | "unused" | "ended";

const NO_RECORD: SignInRecord = { isEnded: () => false, usedAt: () => undefined };

/**
 * Signed tokens: `<base64url of the payload>.<base64url of its HMAC-SHA-256>`, where the payload is
 * JSON, `[1, id, name, sign-in, issued at, proof]`, or `[id, name]` in tokens of earlier versions.
 * The key is what makes them true.
 */
export class Sessions {
  readonly #key: CryptoKey;
  readonly #clock: Clock;
  readonly #lifeMs: number;
  readonly #since: number;
  readonly #record: SignInRecord;
  readonly #proofOf: (session: string) => string | undefined;

  private constructor(key: CryptoKey, options: SessionOptions) {
    this.#key = key;
    this.#clock = options.clock ?? systemClock;
    this.#lifeMs = options.lifeMs ?? 30 * DAY_MS;
    this.#since = options.since ?? this.#clock.now();
    this.#record = options.record ?? NO_RECORD;
    this.#proofOf = options.proofOf ?? (() => undefined);
  }

  /** With the key that tokens are signed with: the same key, the same sessions. */
  static async open(
    key: Uint8Array<ArrayBuffer>,
    options: SessionOptions = {},
  ): Promise<Sessions> {
    const algorithm = { name: "HMAC", hash: "SHA-256" };
    const imported = crypto.subtle.importKey("raw", key, algorithm, false, ["sign", "verify"]);
    return new Sessions(await imported, options);
  }

  /** How long a token is good for after it was issued, or its sign-in used. */
  get lifeMs(): number {
    return this.#lifeMs;
  }

  /** A session that nobody had before. */
  create(name?: string): Session {
    return { id: randomId(15), name, signIn: randomId(9), issuedAt: this.#clock.now() };
  }

  /** The same session, with a sign-in that nobody had before. */
  another(session: Session): Session {
    return { ...session, signIn: randomId(9), issuedAt: this.#clock.now() };
  }

  /**
   * The same session as its next token is to say it: under a name, and issued now where its token is
   * older than a day. The same session and name within a day are the same token.
   */
  renew(session: Session, name: string): Session & { readonly name: string } {
    const now = this.#clock.now();
    const isRecent = Math.abs(now - session.issuedAt) < RENEW_MS;
    return { ...session, name, issuedAt: isRecent ? session.issuedAt : now };
  }

  /** The token that says all this of a session. */
  async issue({ id, name, signIn, issuedAt, proof }: Session): Promise<string> {
    // What it counts as having proved is not for the token: that may end before the token does.
    const proved = proof !== undefined && proof !== this.#proofOf(id) ? [proof] : [];
    const fields = [FORMAT, id, name ?? null, signIn, issuedAt, ...proved];
    const payload = new TextEncoder().encode(JSON.stringify(fields));
    const mac = await crypto.subtle.sign("HMAC", this.#key, payload);
    return `${base64url(payload)}.${base64url(new Uint8Array(mac))}`;
  }

  /** The session a token stands for. Throws a Refusal, `unauthorized`, where it is not good any more. */
  async authenticate(token: string): Promise<Session> {
    const session = await this.#judge(token);
    if (typeof session === "object") return session;
    throw new Refusal("unauthorized", WHY[session]);
  }

  /** The session a token stands for; undefined where it is not good any more. */
  async verify(token: string): Promise<Session | undefined> {
    const session = await this.#judge(token);
    return typeof session === "object" ? session : undefined;
  }

  async #judge(token: string): Promise<Judgement> {
    const [payload, mac] = token.split(".", 2).map(fromBase64url);
    if (!payload || !mac) return "unknown";
    // WebCrypto compares in constant time.
    if (!await crypto.subtle.verify("HMAC", this.#key, mac, payload)) return "unknown";
    const session = this.#read(JSON.parse(new TextDecoder().decode(payload)));
    if (!session) return "unknown";
    if (this.#record.isEnded(session)) return "ended";
    if (this.#clock.now() - session.issuedAt <= this.#lifeMs) return session;
    // A connection may have been open for longer than a token is good for.
    const usedAt = this.#record.usedAt(session) ?? -Infinity;
    return this.#clock.now() - usedAt <= this.#lifeMs ? session : "unused";
  }

  /** Undefined where a later version has issued it. */
  #read(fields: unknown): Session | undefined {
    if (!Array.isArray(fields)) return undefined;
    if (typeof fields[0] === "string") {
      const [id, name] = fields;
      const signIn = EARLIER_SIGN_IN;
      return { id: String(id), name: nameOrNone(name), signIn, issuedAt: this.#since };
    }
    const [format, id, name, signIn, issuedAt, said] = fields;
    if (format !== FORMAT) return undefined;
    const proof = this.#proofOf(String(id)) ?? said;
    return {
      id: String(id),
      name: nameOrNone(name),
      signIn: String(signIn),
      issuedAt: Number(issuedAt),
      ...(typeof proof === "string" && { proof }),
    };
  }
}

const OTHERWISE = "leave it out, or get a new one by POST /api/session";
const WHY = {
  unknown: `the token is not good here; ${OTHERWISE}`,
  unused: `the token has not been used for so long that it has ended; ${OTHERWISE}`,
  ended: `the sign-in of this token was ended; ${OTHERWISE}`,
};

function randomId(bytes: number): string {
  return base64url(crypto.getRandomValues(new Uint8Array(bytes)));
}

function base64url(bytes: Uint8Array<ArrayBuffer>): string {
  return bytes.toBase64({ alphabet: "base64url", omitPadding: true });
}

function fromBase64url(text: string): Uint8Array<ArrayBuffer> | undefined {
  try {
    return Uint8Array.fromBase64(text, { alphabet: "base64url" });
  } catch {
    return undefined;
  }
}
