import type { Timer } from "../base/dom.ts";
import type { Locale } from "../../lib/view/locale.ts";

/** A person counts as typing for so long after the last notice; notices come every 3 s. */
const TYPING_MS = 5000;

/** Names the people who are typing, each until their message comes or no more notices do. */
export class TypingLine extends HTMLElement {
  locale!: Locale;
  readonly #timers = new Map<string, Timer>();

  add(name: string): void {
    clearTimeout(this.#timers.get(name));
    this.#timers.set(name, setTimeout(() => this.stop(name), TYPING_MS));
    this.#show();
  }

  stop(name: string): void {
    clearTimeout(this.#timers.get(name));
    if (this.#timers.delete(name)) this.#show();
  }

  clear(): void {
    for (const name of [...this.#timers.keys()]) this.stop(name);
  }

  #show(): void {
    const names = [...this.#timers.keys()];
    const [a, b] = names;
    if (a === undefined) this.textContent = "";
    else if (b === undefined) this.textContent = this.locale.say("typingOne", { a });
    else if (names.length === 2) this.textContent = this.locale.say("typingTwo", { a, b });
    else this.textContent = this.locale.say("typingMany", { n: names.length });
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "typing-line": TypingLine;
  }
}
