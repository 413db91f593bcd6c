import { h } from "../base/dom.ts";

/** Where files can be dropped: the whole page, which says so while some are dragged over it. */
export class DropZone {
  /** Whether files are taken. */
  isOpen = false;
  readonly #words = h("p");
  readonly #element = h("div", { "class": "drop-zone", "aria-hidden": "true" }, this.#words);
  readonly #take: (files: readonly File[]) => void;

  constructor(page: HTMLElement, take: (files: readonly File[]) => void) {
    this.#take = take;
    page.addEventListener("dragenter", (event) => this.#over(event));
    page.addEventListener("dragover", (event) => this.#over(event));
    page.addEventListener("dragleave", ({ relatedTarget }) => {
      if (relatedTarget === null) this.#element.remove(); // out of the window
    });
    page.addEventListener("drop", (event) => this.#drop(event));
  }

  set label(words: string) {
    this.#words.textContent = words;
  }

  #over(event: DragEvent): void {
    const { dataTransfer } = event;
    if (!dataTransfer?.types.includes("Files")) return;
    // Otherwise the browser would leave the page to show the file.
    event.preventDefault();
    const isTaken = this.isOpen && !document.querySelector("dialog[open]");
    dataTransfer.dropEffect = isTaken ? "copy" : "none";
    if (isTaken && !this.#element.isConnected) document.body.append(this.#element);
  }

  #drop(event: DragEvent): void {
    this.#element.remove();
    const { dataTransfer } = event;
    if (!dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    this.#take([...dataTransfer.files]);
  }
}
