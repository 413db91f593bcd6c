import { changedBy } from "../../model/change.ts";
import type { Change, Message } from "../../model/message.ts";

/**
 * So many changes are remembered. A page of history may have been read before a change that comes
 * first; no page takes as long as so many take.
 */
const CHANGES_KEPT = 1000;

/**
 * The messages that somebody shows, each as it is now, from entries as they come and from pages of
 * history, in whatever order these meet. A message is another object exactly when it has changed.
 */
export class Messages {
  readonly #shown = new Map<number, Message>();
  /** The newest changes, in order. */
  #changes: Change[] = [];

  /** As it is now; undefined where it is not shown. */
  get(seq: number): Message | undefined {
    return this.#shown.get(seq);
  }

  /**
   * Shows messages that came, or were read: returns each as it is to be shown, which may be newer than
   * it was told. One that is shown already may be given again, as it was before or is now.
   */
  add(messages: readonly Message[]): readonly Message[] {
    return messages.map((told) => {
      const known = this.#shown.get(told.seq);
      const isNewer = !known || (told.changed ?? 0) > (known.changed ?? 0);
      const message = isNewer ? this.#broughtUpToDate(told) : known;
      this.#shown.set(told.seq, message);
      return message;
    });
  }

  /**
   * Takes each edit, delete and reaction that comes, in order. Returns the message as it is to be shown
   * from now on; undefined where it is not shown, or shows it already.
   */
  change(change: Change): Message | undefined {
    this.#changes.push(change);
    // Now and then, so that it costs nothing each time.
    if (this.#changes.length > 2 * CHANGES_KEPT) this.#changes = this.#changes.slice(-CHANGES_KEPT);
    const message = this.#shown.get(change.ref);
    const now = message && changedBy(message, change);
    if (!now || now === message) return undefined;
    this.#shown.set(now.seq, now);
    return now;
  }

  /** It is not shown any more; to be called for what leaves the window, so that memory stays bounded. */
  forget(seq: number): void {
    this.#shown.delete(seq);
  }

  /** What is shown begins anew, as after a reset. */
  clear(): void {
    this.#shown.clear();
    this.#changes = [];
  }

  #broughtUpToDate(message: Message): Message {
    // What comes as it is stored is newer than all changes.
    if (message.seq > (this.#changes.at(-1)?.seq ?? 0)) return message;
    return this.#changes.reduce(
      (message, change) => change.ref === message.seq ? changedBy(message, change) : message,
      message,
    );
  }
}
