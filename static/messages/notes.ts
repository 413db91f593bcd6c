import { h } from "../base/dom.ts";

interface Note {
  readonly id: string | undefined;
  /** The seq of the message it stands after. */
  after: number;
  readonly line: HTMLElement;
}

/** So many are kept; the oldest are forgotten, as all are by a reload. */
const MOST = 100;

/**
 * The quiet lines between the messages: answers to commands, who came and went, what is missing. Each
 * belongs to the message it was said after: it goes when that is unloaded, and comes back with it.
 */
export class Notes {
  readonly #rows: HTMLElement;
  #notes: Note[] = [];

  constructor(rows: HTMLElement) {
    this.#rows = rows;
  }

  /**
   * Says it after the message `after`, once that is placed. One with an `id` says anew what one with
   * the same id says there, and where it is empty takes that back.
   */
  say(content: Node | string, after: number, id?: string): void {
    const same = id === undefined
      ? undefined
      : this.#notes.findLast((note) => note.id === id && note.after === after);
    const line = same?.line ?? h("div", { class: "note" });
    line.replaceChildren(content);
    if (line.textContent === "") {
      line.remove();
      this.#notes = this.#notes.filter((note) => note !== same);
    } else if (!same) {
      this.#notes.push({ id, after, line });
      if (this.#notes.length > MOST) this.#notes.shift()!.line.remove();
    }
  }

  clear(): void {
    for (const { line } of this.#notes.splice(0)) line.remove();
  }

  /** What was said while nothing else stood here now stands above the message `seq`, the first. */
  lead(seq: number): void {
    for (const note of this.#notes) if (note.line.isConnected) note.after = seq - 1;
  }

  /**
   * Puts in what is not there and belongs there. `find` yields the message of a seq; for the one
   * right before all others `null`; and undefined where it is not loaded.
   */
  place(find: (seq: number) => Element | null | undefined): void {
    for (const [i, { after, line }] of this.#notes.entries()) {
      if (line.isConnected) continue;
      const message = find(after);
      if (message === undefined) continue;
      // Those after the same message stand in the order in which they were said.
      const before = this.#notes[i - 1]?.after === after ? this.#notes[i - 1]!.line : message;
      if (before) before.after(line);
      else this.#rows.prepend(line);
    }
  }
}
