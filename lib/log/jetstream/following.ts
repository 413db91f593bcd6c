import type { JsMsg } from "@nats-io/jetstream";
import { Follower, type Nats } from "../../nats/mod.ts";

export interface FollowingOptions {
  readonly stream: string;
  /** The first seq that is wanted, whenever it begins anew. */
  readonly next: () => number;
  readonly take: (message: JsMsg) => void;
  /** Asked before each beginning but the first, and where there is no stream; what rejects is tried again. */
  readonly verify: () => Promise<unknown>;
}

/**
 * Takes all messages of a stream in order, without an end: whenever it has to begin anew, it is made
 * sure first that the stream is still the same.
 */
export class Following implements AsyncDisposable {
  readonly #nats: Nats;
  readonly #options: FollowingOptions;
  #follower: Follower | undefined;

  constructor(nats: Nats, options: FollowingOptions) {
    this.#nats = nats;
    this.#options = options;
  }

  /** Resolves when it begins for the first time. */
  async start(): Promise<void> {
    const { stream, next, take, verify } = this.#options;
    const begun = Promise.withResolvers<void>();
    let isFirst = true;
    this.#follower = new Follower(this.#nats, {
      stream,
      async begin() {
        if (!isFirst) await verify();
        isFirst = false;
        begun.resolve();
        return { after: Math.max(1, next()) - 1 };
      },
      missing: verify,
      read: take,
    });
    await begun.promise;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#follower?.[Symbol.asyncDispose]();
  }
}
