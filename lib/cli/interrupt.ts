/** The exit code of a program that SIGINT ended, by the shell's convention. */
const INTERRUPTED = 130;

/**
 * Ctrl-C and SIGTERM as an AbortSignal: the first aborts it, so that the program ends in order; the
 * second ends the process at once. Listens until disposed.
 */
export class Interrupt implements Disposable {
  readonly #controller = new AbortController();
  readonly #listener = () => this.interrupt();

  constructor() {
    Deno.addSignalListener("SIGINT", this.#listener);
    Deno.addSignalListener("SIGTERM", this.#listener);
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Does what Ctrl-C does. A terminal in raw mode sends a byte for it instead of a signal. */
  interrupt(): void {
    if (this.signal.aborted) Deno.exit(INTERRUPTED);
    this.#controller.abort();
  }

  [Symbol.dispose](): void {
    Deno.removeSignalListener("SIGINT", this.#listener);
    Deno.removeSignalListener("SIGTERM", this.#listener);
  }
}
