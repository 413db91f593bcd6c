import type { HeardEvent } from "../model/events.ts";
import { Refusal } from "../model/refusal.ts";
import type { Frame } from "./carrier.ts";
import { NotConnected } from "./errors.ts";
import type { Requests } from "./requests.ts";

const SESSION = "api/session";
const INTRODUCE_MS = 10_000;
/** So many names are tried where the one wished for is taken, as the server does where it can. */
const TRIES = 9;

/** Who we are: the name, and the token or cookie that proves it. */
export class Identity {
  name: string | undefined;
  token: string | undefined;
  readonly #credentials: "token" | "cookie";
  /** Of the room; given whenever a session is asked for. */
  readonly #password: string | undefined;
  /** Since we began, the server knows the cookie's name, and the password. */
  #introduced = false;
  #renaming: PromiseWithResolvers<void> | undefined;

  constructor(options: {
    readonly name: string | undefined;
    readonly token: string | undefined;
    readonly password: string | undefined;
    readonly credentials: "token" | "cookie";
  }) {
    this.name = options.name;
    this.token = options.token;
    this.#password = options.password;
    this.#credentials = options.credentials;
  }

  /** Takes what says who we are. True where it is an error for whoever asked for a name. */
  handle(event: HeardEvent): boolean {
    if (event.type === "welcome") {
      this.name = event.name;
      this.token = event.token;
    } else if (event.type === "rename" && event.from === this.name) {
      this.name = event.name;
      this.#renaming?.resolve();
    } else if (event.type === "error" && event.id === undefined && this.#renaming) {
      this.#renaming.reject(new Refusal(event.code, event.message));
      return true;
    }
    return false;
  }

  /** Whether there is a password that has not been given yet. */
  get hasPasswordToGive(): boolean {
    return this.#password !== undefined && !this.#introduced;
  }

  /** Before a transport that does not make a session of itself. Throws as `Requests.ask`. */
  async introduce(requests: Requests): Promise<void> {
    if (this.#credentials === "cookie") {
      if (!this.#introduced) await this.take(requests, this.name);
    } else if (this.token === undefined || this.hasPasswordToGive) await this.#takeFree(requests);
  }

  /** Gives the password, as whoever we are. Throws as `Requests.ask`. */
  givePassword(requests: Requests): Promise<void> {
    return this.#ask(requests, {});
  }

  /** Takes the name, or any where it is undefined. Throws as `Requests.ask`. */
  async take(requests: Requests, wished: string | undefined): Promise<void> {
    await this.#ask(requests, wished === undefined ? {} : { name: wished });
  }

  async #ask(requests: Requests, wish: { readonly name?: string }): Promise<void> {
    const password = this.#password === undefined ? {} : { password: this.#password };
    const body = { ...wish, ...password };
    const { answer } = await requests.ask(SESSION, { body, limitMs: INTRODUCE_MS });
    const { name, token } = Object(answer) as { name?: unknown; token?: unknown };
    if (typeof name !== "string" || typeof token !== "string") {
      throw new NotConnected("the answer cannot be read");
    }
    this.name = name;
    this.token = token;
    this.#introduced = true;
  }

  /** Asks for another name in a frame; resolves when everybody is told. */
  async renameBy(send: (frame: Frame) => void, name: string): Promise<void> {
    // There is nothing to ask for where it is the one we have.
    if (name.normalize("NFKC").trim().replace(/\s+/gu, " ") === this.name) return;
    this.disconnected();
    const { promise } = this.#renaming = Promise.withResolvers();
    send({ type: "rename", name });
    try {
      await promise;
    } finally {
      this.#renaming = undefined;
    }
  }

  /** Whoever waits for an answer will not get it. */
  disconnected(): void {
    this.#renaming?.reject(new NotConnected("the connection was lost before the answer"));
  }

  async #takeFree(requests: Requests): Promise<void> {
    const { name } = this;
    for (let n = 1; name !== undefined && n <= TRIES; n++) {
      try {
        return await this.take(requests, n === 1 ? name : `${name}${n}`);
      } catch (error) {
        if (!(error instanceof Refusal) || error.code !== "name_taken") throw error;
      }
    }
    await this.take(requests, undefined);
  }
}
