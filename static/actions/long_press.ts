import { swallowClick } from "../base/floating.ts";
import type { ChatMessage } from "../messages/chat_message.ts";

/** As long as platforms wait themselves. */
const PRESS_MS = 450;
/** A finger that moves farther scrolls. */
const STILL_PX = 10;

/** A finger that rests on a message. */
export class LongPress {
  readonly #pressed: (row: ChatMessage) => void;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #row: ChatMessage | undefined;
  /** The last press was one of a finger. */
  #isTouch = false;

  constructor(pressed: (row: ChatMessage) => void) {
    this.#pressed = pressed;
  }

  begin(event: PointerEvent, row: ChatMessage): void {
    this.#isTouch = event.pointerType === "touch";
    this.#end();
    if (!this.#isTouch || !event.isPrimary) return;
    const { clientX, clientY } = event;
    this.#row = row;
    this.#timer = setTimeout(() => this.#fire(), PRESS_MS);
    const over = new AbortController();
    const options = { capture: true, passive: true, signal: over.signal };
    const end = () => {
      over.abort();
      this.#end();
    };
    for (const type of ["pointerup", "pointercancel", "scroll"]) {
      document.addEventListener(type, end, options);
    }
    document.addEventListener("pointermove", (moved) => {
      if (Math.hypot(moved.clientX - clientX, moved.clientY - clientY) > STILL_PX) end();
    }, options);
  }

  /** The platform has noticed a long press, too: its own menu gives way to ours. */
  contextMenu(event: Event): void {
    if (!this.#isTouch) return;
    event.preventDefault();
    this.#fire();
  }

  #fire(): void {
    const row = this.#row;
    this.#end();
    if (!row) return;
    swallowClick();
    this.#pressed(row);
  }

  #end(): void {
    clearTimeout(this.#timer);
    this.#row = undefined;
  }
}
