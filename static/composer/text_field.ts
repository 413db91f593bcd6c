import { h } from "../base/dom.ts";
import type { Locale } from "../../lib/view/locale.ts";
import type { TextStorage } from "../base/storage.ts";
import { KeptDraft } from "./kept_draft.ts";

/** The counter appears when this many characters are left. */
const COUNT_FROM = 400;

export interface TextFieldOptions {
  readonly locale: Locale;
  /** In characters. */
  readonly limit: number;
  /** Shared by all tabs. */
  readonly storage: TextStorage;
}

/** A field that grows with its text, counts the characters left, and survives a reload. */
export class TextField {
  readonly #element: HTMLTextAreaElement;
  readonly #counter = h("output", { class: "counter", hidden: true });
  readonly #changed: () => void;
  #options!: TextFieldOptions;
  #kept!: KeptDraft;

  /** `changed` is called after each change, by typing or by this program. */
  constructor(element: HTMLTextAreaElement, changed: () => void) {
    this.#element = element;
    this.#changed = changed;
    this.#counter.setAttribute("for", element.id);
    element.form!.append(this.#counter);
    element.addEventListener("input", () => this.#update());
  }

  /** Starts with what was typed before this program ran, otherwise with the text that was kept. */
  open(options: TextFieldOptions): void {
    this.#options = options;
    this.#kept = new KeptDraft(options.storage);
    this.text ||= this.#kept.open();
    this.#update();
  }

  get text(): string {
    return this.#element.value;
  }

  set text(text: string) {
    this.#element.value = text;
    this.#update();
  }

  get isBlank(): boolean {
    return this.text.trim() === "";
  }

  /** Characters above the limit; negative below it. */
  get over(): number {
    const pairs = this.text.match(/[\ud800-\udbff][\udc00-\udfff]/g)?.length ?? 0;
    return this.text.length - pairs - this.#options.limit;
  }

  /** Undefined where something is selected. */
  get caret(): number | undefined {
    const { selectionStart, selectionEnd } = this.#element;
    return selectionStart === selectionEnd ? selectionStart : undefined;
  }

  /** Replaces what stands from `start` to the caret by the text, and puts the caret after it. */
  insert(text: string, start: number): void {
    this.#replace(text, start, this.#element.selectionEnd);
  }

  clear(): void {
    this.#replace("", 0, this.text.length);
  }

  /** As if somebody had typed it, where the field has the focus: only that can be undone. */
  #replace(text: string, start: number, end: number): void {
    const element = this.#element;
    element.setSelectionRange(start, end);
    const command = text === "" ? "delete" : "insertText";
    if (element === document.activeElement && document.execCommand(command, false, text)) return;
    element.setRangeText(text, start, end, "end");
    this.#update();
  }

  #update(): void {
    const { locale } = this.#options;
    this.#kept.text = this.text;
    this.#grow();
    const left = -this.over;
    this.#counter.hidden = left > COUNT_FROM;
    this.#counter.classList.toggle("over", left < 0);
    this.#counter.textContent = left < 0
      ? locale.say("tooLong", { n: -left })
      : locale.say("remaining", { n: left });
    this.#changed();
  }

  #grow(): void {
    if (CSS.supports("field-sizing", "content")) return;
    this.#element.style.height = "auto";
    this.#element.style.height = `${this.#element.scrollHeight}px`;
  }
}
