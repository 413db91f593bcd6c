import type { EventLoop } from "../../base/event_loop.ts";
import { Refusal } from "../../model/refusal.ts";
import { LEASE_MS } from "../removal/leases.ts";
import type { References } from "../removal/references.ts";
import type { FilePool, PoolFile } from "./pool.ts";

/** By then all messages are stored that got the file before it was leaving, on whichever node. */
const LEAVING_MS = LEASE_MS + 5000;

export interface ErasingOptions {
  readonly pool: FilePool;
  readonly references: References;
  readonly loop: EventLoop;
  readonly report: (what: string, error?: unknown) => void;
}

/**
 * What becomes of the files of a pool that are leaving: kept after all where a message has got them, or
 * erased. Every node does so with all that it is told of, since the one that found them may have ended;
 * whoever is first does it.
 */
export class Erasing implements AsyncDisposable {
  readonly #options: ErasingOptions;
  readonly #timers = new Map<string, Disposable>();
  readonly #running = new Set<Promise<void>>();
  #failing = false;
  #disposed = false;

  constructor(options: ErasingOptions) {
    this.#options = options;
  }

  /** The file is leaving, or being erased by somebody. */
  note(id: string): void {
    if (this.#disposed || this.#timers.has(id)) return;
    const timer = this.#options.loop.after(LEAVING_MS, () => {
      this.#timers.delete(id);
      const running = this.#end(id).finally(() => this.#running.delete(running));
      this.#running.add(running);
    }, "files");
    this.#timers.set(id, timer);
  }

  /** It is kept, or gone. */
  forget(id: string): void {
    this.#timers.get(id)?.[Symbol.dispose]();
    this.#timers.delete(id);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#disposed = true;
    for (const id of [...this.#timers.keys()]) this.forget(id);
    await Promise.all(this.#running);
  }

  /** Does not reject. */
  async #end(id: string): Promise<void> {
    const { pool, report } = this.#options;
    try {
      const file = await pool.find(id);
      if (file && file.state !== "kept") await this.#decide(file);
      this.#failing = false;
    } catch (error) {
      // A Refusal says that the pool is away, which is known.
      const isFault = !(error instanceof Refusal);
      if (isFault && !this.#failing) report("cannot erase files that no message has yet", error);
      this.#failing = isFault;
      this.note(id);
    }
  }

  async #decide({ id, content, state }: PoolFile): Promise<void> {
    const { pool, references } = this.#options;
    // What is stored is known here a moment later: a message that has it may be among that.
    await references.caughtUp?.();
    if (state === "leaving") {
      const next = await references.hasFile(id) ? "kept" : "erased";
      const file = await pool.update(id, (file) =>
        // One that was uploaded again meanwhile has another content.
        file?.state === "leaving" && file.content === content ? { ...file, state: next } : file);
      if (file?.state !== "erased" || file.content !== content) return;
    }
    await pool.erase(content);
    await pool.update(id, (file) => file?.content === content ? undefined : file);
  }
}
