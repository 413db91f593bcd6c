import type { Clock } from "../../base/clock.ts";
import type { CopyRows } from "../sqlite/copy/rows.ts";
import type { RoomStream } from "./stream.ts";

/** What another node deletes it erases itself, unless it is gone: then it is done after so long. */
const OTHERS_MS = 15_000;
const RETRY_MS = 5000;

export interface EraserOptions {
  readonly clock: Clock;
  readonly report: (what: string, error: unknown) => void;
}

/** Erases in the stream what deletes have taken from messages: it is noted in the copy until it is done. */
export class Eraser implements AsyncDisposable {
  readonly #stream: RoomStream;
  readonly #rows: CopyRows;
  readonly #options: EraserOptions;
  #timer: Disposable | undefined;
  #erasing: Promise<void> | undefined;
  #stopped = false;
  /** Since it was in vain: said once. */
  #failing = false;

  constructor(stream: RoomStream, rows: CopyRows, options: EraserOptions) {
    this.#stream = stream;
    this.#rows = rows;
    this.#options = options;
  }

  /** Something is noted; `isOwn`: by a delete that this node has published. */
  noted(isOwn: boolean): void {
    if (isOwn) {
      this.#timer?.[Symbol.dispose]();
      this.#timer = undefined;
    }
    this.#later(isOwn ? 0 : OTHERS_MS * (1 + Math.random()));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopped = true;
    this.#timer?.[Symbol.dispose]();
    await this.#erasing;
  }

  #later(ms: number): void {
    if (this.#stopped) return;
    this.#timer ??= this.#options.clock.after(ms, () => {
      this.#timer = undefined;
      this.#erasing ??= this.#erase().finally(() => this.#erasing = undefined);
    });
  }

  async #erase(): Promise<void> {
    try {
      for (let seqs = this.#rows.toErase(); seqs.length > 0; seqs = this.#rows.toErase()) {
        for (const seq of seqs) {
          await this.#stream.erase(seq);
          if (this.#stopped) return;
          this.#rows.erased(seq);
        }
      }
      this.#failing = false;
    } catch (error) {
      if (!this.#failing && this.#stream.connected) {
        this.#options.report("cannot erase in the stream what was deleted yet", error);
      }
      this.#failing = true;
      this.#later(RETRY_MS);
    }
  }
}
