import { JetStreamApiError, type StoredMsg } from "@nats-io/jetstream";
import { type ObjectStore, Objm } from "@nats-io/obj";
import { eraseMessage } from "./erase.ts";
import type { Nats } from "./nats.ts";

export interface ObjectsOptions {
  /** Letters, digits, `-` and `_`. */
  readonly name: string;
  /** How many servers have them; counts when the store is made. */
  readonly replicas: number;
}

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

  private constructor(nats: Nats, store: ObjectStore, { name }: ObjectsOptions) {
    this.#nats = nats;
    this.#store = store;
    this.#stream = `OBJ_${name}`;
    this.#chunks = `$O.${name}.C.`;
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

  /**
   * Throws NotFound, at the first chunk, where there is nothing under that name. Each chunk is asked for
   * by itself: a consumer, which the store's own `get` makes, may be placed on a server that is down,
   * and then nothing comes for as long as it is (nats-server 2.9.10).
   */
  async *read(name: string): AsyncGenerator<Uint8Array> {
    const info = await this.#store.info(name);
    if (!info || info.deleted) throw new Deno.errors.NotFound(`no object ${name}`);
    let count = 0;
    for await (const { data } of this.#messagesOf(this.#chunks + info.nuid)) {
      yield data;
      if (++count === info.chunks) return;
    }
    throw new Error(`object ${name} has ${count} of ${info.chunks} chunks`);
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
    const seqs: number[] = [];
    for await (const { seq } of this.#messagesOf(subject)) seqs.push(seq);
    return seqs;
  }

  async *#messagesOf(subject: string): AsyncGenerator<StoredMsg> {
    const { streams } = this.#nats.manager;
    for (let seq = 1;;) {
      // The types have this for direct gets alone, which a replica may answer that is behind.
      const next = { seq, next_by_subj: subject };
      const message = await streams.getMessage(this.#stream, next);
      if (!message) return;
      yield message;
      seq = message.seq + 1;
    }
  }

  async #eraseAll(seqs: readonly number[]): Promise<void> {
    for (let from = 0; from < seqs.length; from += AT_A_TIME) {
      const some = seqs.slice(from, from + AT_A_TIME);
      await Promise.all(some.map((seq) => eraseMessage(this.#nats, this.#stream, seq)));
    }
  }
}
