import type { Clock } from "../base/clock.ts";
import type { BucketChange } from "../nats/mod.ts";
import type { Bus, Table } from "./bus.ts";
import { type Known, RosterView } from "./roster_view.ts";
import { formatRow, type Row } from "./row.ts";

/** Whoever comes in, or is renamed, waits for no longer than this where NATS does not answer. */
const ANSWER_MS = 3000;

export interface NameTableOptions {
  readonly clock: Clock;
  readonly bus: Bus;
  readonly table: Table;
  /** Told which sessions a change concerns: the one that had a name before the one that has it. */
  readonly onChange: (sessions: Iterable<string>) => void;
}

/** The table of names with what is known of it: that follows the table, and what is written here is known at once. */
export class NameTable implements AsyncDisposable {
  readonly view = new RosterView();
  readonly #options: NameTableOptions;
  /** How what was asked is given up. */
  readonly #asking = new Set<() => void>();
  readonly #losses: Disposable;
  #watching: AsyncDisposable | undefined;

  constructor(options: NameTableOptions) {
    this.#options = options;
    this.#losses = options.bus.watch((connected) => {
      if (!connected) { for (const fail of [...this.#asking]) fail(); }
    });
  }

  /** Resolves when all that there is has been told. */
  async follow(): Promise<void> {
    this.#watching = await this.#options.table.watch((change) => this.#changed(change));
  }

  /** Writes a row, or removes one without nodes, if it is still as it is known; else learns what it is. */
  async put(key: string, row: Row): Promise<void> {
    const { table } = this.#options;
    const known = this.view.get(key);
    if (row.nodes.length === 0) {
      if (known?.row && await this.#ask(table.delete(key, known.revision))) {
        return this.#unset(key, known);
      }
    } else {
      const value = formatRow(row);
      const revision = await this.#ask(
        known?.row ? table.update(key, value, known.revision) : table.create(key, value),
      );
      if (revision !== undefined) return this.#set(key, value, revision);
    }
    const entry = await this.#ask(table.get(key));
    if (entry) this.#set(key, entry.value, entry.revision);
    else if (known) this.#unset(key, known);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#losses[Symbol.dispose]();
    await this.#watching?.[Symbol.asyncDispose]();
  }

  #changed({ key, entry, revision }: BucketChange): void {
    const { onChange } = this.#options;
    if (revision !== undefined) onChange(this.view.told(key, entry?.value, revision));
    // All of the key that was written before has been told.
    if (!entry) onChange(this.view.forget(key, revision));
  }

  #set(key: string, value: string | undefined, revision: number): void {
    this.#options.onChange(this.view.set(key, value, revision));
  }

  /** There is no row since what was known. */
  #unset(key: string, { revision }: Known): void {
    this.#set(key, undefined, revision + 1);
  }

  /** The answer; or rejects, as soon as it is clear that there is none in time. */
  #ask<T>(answer: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const fail = () =>
        reject(new Error("cannot ask for a name: no answer from NATS, wanted one"));
      const timer = this.#options.clock.after(ANSWER_MS, fail);
      this.#asking.add(fail);
      answer.then(resolve, reject).finally(() => {
        timer[Symbol.dispose]();
        this.#asking.delete(fail);
      });
    });
  }
}
