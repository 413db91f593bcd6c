import { h, type Timer } from "../base/dom.ts";

/** How often a countdown is written anew. */
const TICK_MS = 500;
/** A timer cannot be set for longer. */
const LONGEST_MS = 2 ** 31 - 1;

/** The line above the field that says why nothing can be sent, and for how long. */
export class ComposerNote {
  readonly element = h("p", { class: "composer-note", id: "composer-note", hidden: true });
  readonly #changed: () => void;
  #muted: string | undefined;
  #ending: Timer;
  #ticking: Timer;
  #until = 0;
  #countdown: (seconds: number) => string = String;

  /** `changed` is called when more or less is possible than before. */
  constructor(changed: () => void) {
    this.#changed = changed;
  }

  set countdown(words: (seconds: number) => string) {
    this.#countdown = words;
  }

  /** Nothing can be written at all. */
  get isMuted(): boolean {
    return this.#muted !== undefined;
  }

  /** What is written cannot be sent yet. */
  get isWaiting(): boolean {
    return this.isMuted || Date.now() < this.#until;
  }

  /** Undefined: it is over. `until`: when it ends by itself, in milliseconds since 1970. */
  mute(words: string | undefined, until: number | undefined): void {
    clearTimeout(this.#ending);
    this.#muted = words;
    if (words !== undefined && until !== undefined) {
      const ms = Math.min(Math.max(0, until - Date.now()), LONGEST_MS);
      this.#ending = setTimeout(() => this.mute(undefined, undefined), ms);
    }
    this.#show();
  }

  waitUntil(until: number | undefined): void {
    clearInterval(this.#ticking);
    this.#until = until ?? 0;
    if (until !== undefined) this.#ticking = setInterval(() => this.#show(), TICK_MS);
    this.#show();
  }

  #show(): void {
    const seconds = Math.ceil((this.#until - Date.now()) / 1000);
    if (seconds <= 0) clearInterval(this.#ticking);
    const { element } = this;
    element.classList.toggle("muted", this.isMuted);
    // A countdown is not read aloud each second.
    element.setAttribute("role", this.isMuted ? "status" : "timer");
    element.textContent = this.#muted ?? (seconds > 0 ? this.#countdown(seconds) : "");
    element.hidden = element.textContent === "";
    this.#changed();
  }
}
