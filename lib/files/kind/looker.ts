import type { Clock } from "../../base/clock.ts";
import { Thread } from "../../base/thread.ts";
import { type Kind, UNKNOWN } from "./kind.ts";

/** A look takes milliseconds, and the first one some hundred; longer takes what is made to take long. */
const LOOK_MS = 5000;
/** The thread takes some 30 MB: it ends when nobody has uploaded anything for so long. */
const IDLE_MS = 30_000;

export interface LookerOptions {
  readonly clock: Clock;
  readonly report: (what: string, error?: unknown) => void;
  /** Another one for the thread to run, for tests. */
  readonly script?: string;
}

/**
 * Tells what files are, in a thread that starts with the first of them: the libraries that know so many
 * formats have been led into endless loops before. Files are looked at one after the other; one that
 * takes too long is given up with its thread, and is as one that nothing is known of.
 */
export class Looker implements Disposable {
  readonly #clock: Clock;
  readonly #report: LookerOptions["report"];
  readonly #thread: Thread<string, Kind>;
  #last: Promise<unknown> = Promise.resolve();
  #idle: Disposable | undefined;
  #disposed = false;

  constructor(
    { clock, report, script = import.meta.resolve("./looker_main.ts") }: LookerOptions,
  ) {
    this.#clock = clock;
    this.#report = report;
    this.#thread = new Thread(script);
  }

  /** What the file is. Does not reject. */
  look(path: string): Promise<Kind> {
    const look = this.#last.then(() => this.#look(path));
    this.#last = look;
    return look;
  }

  async #look(path: string): Promise<Kind> {
    if (this.#disposed) return UNKNOWN;
    this.#idle?.[Symbol.dispose]();
    using _late = this.#clock.after(LOOK_MS, () => {
      this.#end(`it was not done within ${LOOK_MS / 1000} s`);
    });
    try {
      return await this.#thread.ask(path);
    } catch (error) {
      if (this.#disposed) return UNKNOWN;
      this.#report("cannot tell what an uploaded file is: it is kept as bytes", error);
      return UNKNOWN;
    } finally {
      if (!this.#disposed) this.#idle = this.#clock.after(IDLE_MS, () => this.#end("nobody asks"));
    }
  }

  [Symbol.dispose](): void {
    this.#disposed = true;
    this.#idle?.[Symbol.dispose]();
    this.#end("the files are closed");
  }

  #end(reason: string): void {
    this.#thread.end(new Error(reason));
  }
}
