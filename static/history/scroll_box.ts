import type { Timer } from "../base/dom.ts";

/** Within this distance, less than a line, the box counts as at its end. */
const AT_END_PX = 24;
/** Within this distance of an edge more is loaded. */
const AHEAD_PX = 800;
/** Beyond this distance from the end a button leads back. */
const FAR_PX = 400;
/** What stands within this distance of where it was held has not been scrolled: see `hold`. */
const STILL_PX = 1.5;

/** Somebody who has not scrolled for so long reads. */
const READING_MS = 900;

/** An element that is held in place, and its upper edge in pixels of the window. */
interface Held {
  readonly find: () => Element | undefined;
  readonly top: number;
}

/**
 * The box that the messages scroll in. It is laid out from its end (`column-reverse`), so scrollTop is
 * 0 at the end and negative above: the layout keeps the box at its end, and keeps it where it is when
 * something older is put in. To ask it anything after a change makes the browser lay out the page.
 */
export class ScrollBox {
  readonly #element: HTMLElement;
  #held: Held | undefined;
  #scrolling: Timer;

  constructor(element: HTMLElement) {
    this.#element = element;
  }

  /** Its upper edge, in pixels of the window. */
  get top(): number {
    return this.#element.getBoundingClientRect().top;
  }

  get isAtEnd(): boolean {
    return this.#element.scrollTop > -AT_END_PX;
  }

  get isNearEnd(): boolean {
    return this.#element.scrollTop > -AHEAD_PX;
  }

  get isFarFromEnd(): boolean {
    return this.#element.scrollTop < -FAR_PX;
  }

  get isNearStart(): boolean {
    const { scrollTop, scrollHeight, clientHeight } = this.#element;
    return scrollHeight - clientHeight + scrollTop < AHEAD_PX;
  }

  toEnd(): void {
    this.#element.scrollTop = 0;
  }

  /**
   * Makes a change while the element that `find` yields, before and after it, stays in place. A box
   * scrolls by whole pixels, so each time it may miss by half of one: as long as nobody scrolls, all
   * changes hold the first element where it was the first time. Otherwise what is read would creep away.
   */
  hold(find: () => Element | undefined, change: () => void): void {
    const held = this.#still ?? grip(find);
    change();
    const top = topOf(held?.find());
    this.#held = top === undefined ? undefined : held;
    if (held && top !== undefined) this.#element.scrollTop += top - held.top;
  }

  /** What was held the last time, where it is still in its place. */
  get #still(): Held | undefined {
    const top = topOf(this.#held?.find());
    return top !== undefined && Math.abs(top - this.#held!.top) < STILL_PX ? this.#held : undefined;
  }

  /** It has been scrolled: where what is in sight has moved, it has the class `scrolling` for a while. */
  scrolled(): void {
    if (this.#still) return;
    clearTimeout(this.#scrolling);
    this.#element.classList.add("scrolling");
    this.#scrolling = setTimeout(() => this.#element.classList.remove("scrolling"), READING_MS);
  }

  /** Takes the focus, so that the arrow keys move through the messages. */
  focus(): void {
    this.#element.focus({ preventScroll: true });
  }
}

function grip(find: () => Element | undefined): Held | undefined {
  const top = topOf(find());
  return top === undefined ? undefined : { find, top };
}

function topOf(element: Element | undefined): number | undefined {
  return element?.getBoundingClientRect().top;
}
