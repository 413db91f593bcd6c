import { h } from "../base/dom.ts";

interface Note {
  readonly id: string | undefined;
  /** The seq of the message it stands after. */
  after: number;
  readonly line: HTMLElement;
}

/** At most so many notes are kept, and none across a reload. */
const MOST = 100;

/**
 * The quiet lines between the messages: answers to commands, who came and went, what is missing. Each
 * belongs to the message above it: it is removed with that, and comes back with it.
 */
export class Notes {
  readonly #rows: HTMLElement;
  #notes: Note[] = [];

  constructor(rows: HTMLElement) {
    this.#rows = rows;
  }

  /**
   * Adds a note after the message `after`; `place` puts it in. Where there is one with the same `id`
   * after the same message, its content is replaced, and it is removed where the content is empty.
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

  /** Notes that stand in an empty list now stand above its first message, `seq`. */
  lead(seq: number): void {
    for (const note of this.#notes) if (note.line.isConnected) note.after = seq - 1;
  }

  /**
   * Puts in the notes whose messages are loaded. `find` yields the message of a seq, undefined where it
   * is not loaded, and null for the seq right before the first loaded one: then the note stands on top.
   */
  place(find: (seq: number) => Element | null | undefined): void {
    for (const [i, { after, line }] of this.#notes.entries()) {
      if (line.isConnected) continue;
      const message = find(after);
      if (message === undefined) continue;
      // Notes after the same message stand in the order in which they were added.
      const before = this.#notes[i - 1]?.after === after ? this.#notes[i - 1]!.line : message;
      if (before) before.after(line);
      else this.#rows.prepend(line);
    }
  }
}
