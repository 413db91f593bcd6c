import { openStorage, type TextStorage } from "../base/storage.ts";

const KEY = "partyline.draft";

/**
 * What is being written, kept across a reload. Each tab has its own, so that two never write over each
 * other; what a tab leaves behind when it is closed is there in the next one that is opened.
 */
export class KeptDraft {
  readonly #own = openStorage("tab");
  readonly #left: TextStorage;

  /** `left` is shared by all tabs. */
  constructor(left: TextStorage) {
    this.#left = left;
    addEventListener("pagehide", () => {
      if (this.text !== "") left.setItem(KEY, this.text);
    });
    addEventListener("pageshow", () => this.#takeBack());
  }

  /** To be called once, at the start. */
  open(): string {
    if (this.text === "") this.text = this.#left.getItem(KEY) ?? "";
    this.#takeBack();
    return this.text;
  }

  get text(): string {
    return this.#own.getItem(KEY) ?? "";
  }

  set text(text: string) {
    if (text === "") this.#own.removeItem(KEY);
    else this.#own.setItem(KEY, text);
  }

  /** The page goes on: what was left behind is ours still, and for no other tab. */
  #takeBack(): void {
    if (this.#left.getItem(KEY) === this.text) this.#left.removeItem(KEY);
  }
}
