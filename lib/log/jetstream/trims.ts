import type { JsMsg } from "@nats-io/jetstream";
import type { Topic } from "../../model/message.ts";
import type { Nats } from "../../nats/mod.ts";
import type { UsedId } from "../sqlite/storing/trimmer.ts";
import { Following } from "./following.ts";
import { openStream, type StreamOptions } from "./stream.ts";

/** So many ids are told by one message: a few ten KB. */
const IDS = 200;

/** What nodes are told of a trim. */
export interface Trim {
  /** Of the log that is trimmed. */
  readonly epoch: string;
  /** What is before it is forgotten. */
  readonly first: number;
  /** Ids that were used for it. */
  readonly ids: readonly UsedId[];
  /** The newest topic before it. */
  readonly topic?: Topic | undefined;
}

export interface TrimsOptions extends StreamOptions {
  readonly epoch: string;
  /** Told each trim of that log, in order, some perhaps again. */
  readonly onTrim: (trim: Trim) => void;
}

/**
 * What was trimmed from the log of all nodes, in a stream of its own beside it: for each node how far, and
 * for those to come which ids were used there.
 */
export class Trims implements AsyncDisposable {
  readonly #nats: Nats;
  readonly #name: string;
  readonly #options: TrimsOptions;
  readonly #following: Following;
  #first = 1;
  #seq = 0;
  readonly #waiting = new Map<() => void, number>();

  private constructor(nats: Nats, options: TrimsOptions) {
    this.#nats = nats;
    this.#name = nameOf(options.name);
    this.#options = options;
    this.#following = new Following(nats, {
      stream: this.#name,
      next: () => this.#seq + 1,
      take: (message) => this.#take(message),
      // The epoch is told with each trim.
      verify: () => Promise.resolve(),
    });
  }

  /** Resolves when all that there is has been told. */
  static async open(nats: Nats, options: TrimsOptions): Promise<Trims> {
    const { name, replicas } = options;
    await openStream(nats, { name: nameOf(name), replicas, subjects: [subjectOf(name)] });
    const trims = new Trims(nats, options);
    await trims.#following.start();
    await trims.first();
    return trims;
  }

  /** Where the log begins, by all that has been trimmed until now. */
  async first(): Promise<number> {
    const { state } = await this.#nats.manager.streams.info(this.#name);
    if (this.#seq < state.last_seq) {
      await new Promise<void>((resolve) => this.#waiting.set(resolve, state.last_seq));
    }
    return this.#first;
  }

  /** Tells all nodes, and those to come. */
  async publish({ ids, ...trim }: Trim): Promise<void> {
    for (let i = 0; i === 0 || i < ids.length; i += IDS) {
      const part: Trim = { ...trim, ids: ids.slice(i, i + IDS) };
      await this.#nats.jetstream.publish(subjectOf(this.#options.name), JSON.stringify(part));
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const resolve of this.#waiting.keys()) resolve();
    await this.#following[Symbol.asyncDispose]();
  }

  #take(message: JsMsg): void {
    const trim = message.json<Trim>();
    this.#seq = message.seq;
    if (trim.epoch === this.#options.epoch) {
      this.#first = Math.max(this.#first, trim.first);
      this.#options.onTrim(trim);
    }
    for (const [resolve, seq] of this.#waiting) {
      if (seq > message.seq) continue;
      this.#waiting.delete(resolve);
      resolve();
    }
  }
}

function nameOf(log: string): string {
  return `${log}_trimmed`;
}

function subjectOf(log: string): string {
  return `${log}.trimmed`;
}
