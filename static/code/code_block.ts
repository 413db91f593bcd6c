import type { Timer } from "../base/dom.ts";

/** Longer code is not coloured: that would take a noticeable moment. */
const MOST_CHARACTERS = 16_000;
/** How long the button says that it has copied. */
const SAID_MS = 1500;

/** A block of code: copies it on a click, and colours it where its language was named. */
export class CodeBlock extends HTMLElement {
  #timer: Timer;
  #coloured = false;

  connectedCallback(): void {
    if (this.#coloured) return;
    this.#coloured = true;
    this.#button?.addEventListener("click", () => this.#copy());
    const language = this.getAttribute("language");
    if (language) this.#colour(language);
  }

  get #code(): HTMLElement | null {
    return this.querySelector("code");
  }

  get #button(): HTMLButtonElement | null {
    return this.querySelector("button");
  }

  async #copy(): Promise<void> {
    const [code, button] = [this.#code, this.#button];
    if (!code || !button) return;
    await writeClipboard(code);
    const { copy = button.textContent, copied = "" } = button.dataset;
    button.dataset.copy = copy;
    button.textContent = copied;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => button.textContent = copy, SAID_MS);
  }

  async #colour(language: string): Promise<void> {
    const code = this.#code;
    const text = code?.textContent ?? "";
    if (!code || text.length > MOST_CHARACTERS) return;
    try {
      const { colour } = await import("./colours.ts");
      const nodes = colour(text, language.toLowerCase());
      if (nodes) code.replaceChildren(...nodes);
    } catch {
      // best effort: offline, or after an update, the code stays as it is, in one colour
    }
  }
}

/** Where the page may not write the clipboard (HTTP on another machine), the code is selected. */
async function writeClipboard(code: HTMLElement): Promise<void> {
  try {
    await navigator.clipboard.writeText(code.textContent);
  } catch {
    getSelection()?.selectAllChildren(code);
    document.execCommand("copy"); // deprecated, and all that there is without TLS
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "code-block": CodeBlock;
  }
}
