import { type Cursor, formatCursor, parseCursor } from "../../model/cursor.ts";

/**
 * How far a log had come when it was last looked at, in a file beside it: by this a log is recognised
 * that was put back to an earlier state. The mark is never ahead of what is durable. Best effort: a
 * mark that cannot be read or written says nothing.
 */
export class HighWaterMark {
  readonly #path: string;
  #written = "";

  constructor(path: string) {
    this.#path = path;
  }

  read(): Cursor | undefined {
    try {
      return parseCursor(Deno.readTextFileSync(this.#path));
    } catch {
      return undefined;
    }
  }

  /** The caller makes sure that everything up to `seq` is on the disk. */
  write(epoch: string, seq: number): void {
    const mark = formatCursor(epoch, seq);
    if (mark === this.#written) return;
    try {
      Deno.writeTextFileSync(this.#path, `${mark}\n`, { mode: 0o600 });
      this.#written = mark;
    } catch {
      // best effort, as above
    }
  }
}
