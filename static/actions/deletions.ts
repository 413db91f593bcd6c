/** For so long a deletion can be undone. */
export const UNDO_MS = 5000;

export interface DeletionsOptions {
  /** Called when a message is to be shown as deleted, and when it is not any more. */
  readonly changed: (seq: number, is: boolean) => void;
  /** Deletes it for good. */
  readonly send: (seq: number) => void;
}

/**
 * Deletions that can still be undone. Each is sent after a while, and all are when the page is hidden
 * or closed: nobody sees the way back any more, and a phone may end a hidden page without a word. What
 * cannot be sent then waits in the outbox, which a later visit sends. Where the browser itself ends
 * within these seconds, nothing was deleted.
 */
export class Deletions {
  readonly #options: DeletionsOptions;
  readonly #timers = new Map<number, ReturnType<typeof setTimeout>>();

  constructor(options: DeletionsOptions) {
    this.#options = options;
    const sendAll = () => [...this.#timers.keys()].forEach((seq) => this.#send(seq));
    addEventListener("pagehide", sendAll);
    document.addEventListener("visibilitychange", () => document.hidden && sendAll());
  }

  begin(seq: number): void {
    if (this.#timers.has(seq)) return;
    this.#timers.set(seq, setTimeout(() => this.#send(seq), UNDO_MS));
    this.#options.changed(seq, true);
  }

  /** False where it is too late. */
  undo(seq: number): boolean {
    if (!this.#forget(seq)) return false;
    this.#options.changed(seq, false);
    return true;
  }

  #send(seq: number): void {
    if (!this.#forget(seq)) return;
    // First it is sent: what is outgoing is shown as deleted, too.
    this.#options.send(seq);
    this.#options.changed(seq, false);
  }

  #forget(seq: number): boolean {
    clearTimeout(this.#timers.get(seq));
    return this.#timers.delete(seq);
  }
}
