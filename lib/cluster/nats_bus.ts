import { Bucket, type Nats } from "../nats/mod.ts";
import type { Bus, Table } from "./bus.ts";

/** The bus over NATS: tables are buckets, notices are core NATS. */
export class NatsBus implements Bus {
  readonly #nats: Nats;
  readonly #replicas: number;

  /** `replicas`: how many servers have a table; counts when it is made. */
  constructor(nats: Nats, replicas: number) {
    this.#nats = nats;
    this.#replicas = replicas;
  }

  get connected(): boolean {
    return this.#nats.connected;
  }

  watch(listener: (connected: boolean) => void): Disposable {
    return this.#nats.watch(listener);
  }

  table(name: string, ttlMs?: number): Promise<Table> {
    const ttl = ttlMs === undefined ? {} : { ttlMs };
    return Bucket.open(this.#nats, { name, replicas: this.#replicas, ...ttl });
  }

  publish(subject: string, text: string): void {
    if (this.connected) this.#nats.core.publish(subject, text);
  }

  subscribe(subject: string, listener: (text: string) => void): Disposable {
    const subscription = this.#nats.core.subscribe(subject, {
      callback: (error, message) => {
        if (!error) listener(message.string());
      },
    });
    return { [Symbol.dispose]: () => subscription.unsubscribe() };
  }
}
