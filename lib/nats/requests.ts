import { createInbox, headers, type Msg, type NatsConnection } from "@nats-io/nats-core";
import type { Clock } from "../base/clock.ts";

/** A request that is in vain is told so at most so much later than it wanted. */
const LOOK_MS = 250;

export interface RequestOptions {
  readonly headers?: Readonly<Record<string, string>>;
  readonly timeout: number;
}

interface Waiter {
  readonly until: number;
  resolve(answer: Uint8Array): void;
  reject(why: Error): void;
}

/**
 * Asks NATS many things at once. The client's own `request` makes three errors with their stacks and a
 * timer for each of them, which takes more time than all else of a publish; here they share one timer
 * and one subscription, and errors are made when there are any.
 */
export class Requests {
  readonly #core: NatsConnection;
  readonly #clock: Clock;
  readonly #inbox = createInbox();
  /** By the last token of the subject that the answer comes to. */
  readonly #waiters = new Map<string, Waiter>();
  #count = 0;
  #timer: Disposable | undefined;

  constructor(core: NatsConnection, clock: Clock) {
    this.#core = core;
    this.#clock = clock;
    core.subscribe(`${this.#inbox}.*`, {
      callback: (error, message) => {
        if (error === null) this.#answer(message);
      },
    });
    core.closed().then(() => this.#rejectUntil(Infinity, "the connection is closed"));
  }

  /** Rejects where there is no answer in time, or nobody to give one. */
  request(
    subject: string,
    data: Uint8Array,
    { headers: fields = {}, timeout }: RequestOptions,
  ): Promise<Uint8Array> {
    const token = String(++this.#count);
    const all = headers();
    for (const [name, value] of Object.entries(fields)) all.set(name, value);
    return new Promise((resolve, reject) => {
      this.#core.publish(subject, data, { reply: `${this.#inbox}.${token}`, headers: all });
      const until = this.#clock.monotonic() + timeout;
      this.#waiters.set(token, { until, resolve, reject });
      this.#lookLater();
    });
  }

  #answer({ subject, data, headers: fields }: Msg): void {
    const token = subject.slice(this.#inbox.length + 1);
    const waiter = this.#waiters.get(token);
    if (!waiter) return;
    this.#waiters.delete(token);
    if (data.length === 0 && fields?.code === 503) waiter.reject(new Error("nobody is there"));
    else waiter.resolve(data);
  }

  #lookLater(): void {
    this.#timer ??= this.#clock.after(LOOK_MS, () => {
      this.#timer = undefined;
      this.#rejectUntil(this.#clock.monotonic(), "no answer in time");
      if (this.#waiters.size > 0) this.#lookLater();
    });
  }

  #rejectUntil(until: number, why: string): void {
    for (const [token, waiter] of this.#waiters) {
      if (waiter.until > until) continue;
      this.#waiters.delete(token);
      waiter.reject(new Error(why));
    }
    if (this.#waiters.size > 0) return;
    this.#timer?.[Symbol.dispose]();
    this.#timer = undefined;
  }
}
