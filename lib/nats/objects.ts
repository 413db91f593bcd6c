import { JetStreamApiError } from "@nats-io/jetstream";
import { type ObjectStore, Objm } from "@nats-io/obj";
import { type Clock, systemClock } from "../base/clock.ts";
import { eraseMessage } from "./erase.ts";
import type { Nats } from "./nats.ts";

export interface ObjectsOptions {
  /** Letters, digits, `-` and `_`. */
  readonly name: string;
  /** How many servers have them; counts when the store is made. */
  readonly replicas: number;
  readonly clock?: Clock;
}

/** Between two chunks; a server that takes longer has died, or stands still. */
const CHUNK_MS = 10_000;
/** Of the servers, for want of space: insufficient resources, storage, and the limit of a stream. */
const NO_SPACE = [10023, 10047, 10077];
/** Messages that are erased at a time. */
const AT_A_TIME = 16;

/**
 * Bytes under names, in a NATS object store: a stream with a message for each 128 KiB, and one that
 * says which belong together. Whatever is asked rejects within seconds where NATS does not answer.
 */
export class Objects {
  readonly #nats: Nats;
  readonly #store: ObjectStore;
  readonly #stream: string;
  readonly #chunks: string;
  readonly #clock: Clock;

  private constructor(nats: Nats, store: ObjectStore, { name, clock }: ObjectsOptions) {
    this.#nats = nats;
    this.#store = store;
    this.#stream = `OBJ_${name}`;
    this.#chunks = `$O.${name}.C.`;
    this.#clock = clock ?? systemClock;
  }

  /** Makes the store where there is none. */
  static async open(nats: Nats, options: ObjectsOptions): Promise<Objects> {
    const { name, replicas } = options;
    return new Objects(nats, await new Objm(nats.jetstream).create(name, { replicas }), options);
  }

  /**
   * Resolves when a majority of the replicas has all of it. Rejects with a DOMException, called
   * QuotaExceededError, where NATS has no space for it.
   */
  async write(name: string, bytes: ReadableStream<Uint8Array>): Promise<void> {
    try {
      await this.#store.put({ name }, bytes);
    } catch (cause) {
      const isFull = cause instanceof JetStreamApiError && NO_SPACE.includes(cause.code);
      if (isFull) throw new DOMException(cause.message, "QuotaExceededError");
      throw cause;
    }
  }

  /** Throws NotFound, at the first chunk, where there is nothing under that name. */
  async *read(name: string): AsyncGenerator<Uint8Array> {
    const found = await this.#store.get(name);
    if (!found) throw new Deno.errors.NotFound(`no object ${name}`);
    found.error.catch(() => {}); // the stream tells it too
    const reader = found.data.getReader();
    try {
      for (;;) {
        const { value, done } = await this.#soon(reader.read());
        if (done) return;
        yield value;
      }
    } finally {
      reader.cancel().catch(() => {}); // best effort: it may have ended in an error
    }
  }

  /** Removes an object, its bytes overwritten on the servers' disks. Nothing happens where there is none. */
  async erase(name: string): Promise<void> {
    const info = await this.#store.info(name);
    if (!info) return;
    await this.#eraseAll(await this.#seqsOf(this.#chunks + info.nuid));
    // The last one, so that an interrupted erasure can be taken up again.
    await this.#eraseAll([info.revision]);
  }

  /**
   * Erases what is older than `since` and not to be kept: objects that nobody refers to, and what is
   * left of some that were never complete. `isKept` is asked when it is known what there is.
   */
  async eraseOthers(
    since: number,
    kept: () => Promise<(name: string) => boolean>,
  ): Promise<void> {
    const { manager } = this.#nats;
    const { state } = await manager.streams.info(this.#stream, {
      subjects_filter: `${this.#chunks}>`,
    });
    const objects = await this.#store.list();
    const isKept = await kept();
    for (const { name, mtime } of objects) {
      if (Date.parse(mtime) < since && !isKept(name)) await this.erase(name);
    }
    const whole = new Set(objects.map(({ nuid }) => this.#chunks + nuid));
    for (const subject of Object.keys(state.subjects ?? {})) {
      if (whole.has(subject)) continue;
      const last = await manager.streams.getMessage(this.#stream, { last_by_subj: subject });
      if (last && last.time.getTime() < since) await this.#eraseAll(await this.#seqsOf(subject));
    }
  }

  async #seqsOf(subject: string): Promise<number[]> {
    const consumer = await this.#nats.jetstream.consumers.get(this.#stream, {
      filter_subjects: subject,
      headers_only: true,
    });
    const { num_pending } = await consumer.info();
    const seqs: number[] = [];
    if (num_pending === 0) return seqs;
    const messages = await consumer.fetch({ max_messages: num_pending, expires: CHUNK_MS });
    for await (const { seq } of messages) seqs.push(seq);
    return seqs;
  }

  async #eraseAll(seqs: readonly number[]): Promise<void> {
    for (let from = 0; from < seqs.length; from += AT_A_TIME) {
      const some = seqs.slice(from, from + AT_A_TIME);
      await Promise.all(some.map((seq) => eraseMessage(this.#nats, this.#stream, seq)));
    }
  }

  async #soon<T>(promise: Promise<T>): Promise<T> {
    const late = Promise.withResolvers<never>();
    using _timer = this.#clock.after(CHUNK_MS, () => {
      late.reject(new Error(`NATS has not sent any more for ${CHUNK_MS / 1000} s`));
    });
    return await Promise.race([promise, late.promise]);
  }
}
