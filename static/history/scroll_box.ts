/** So close to the end still counts as at the end, in pixels: less than a line. */
const AT_END_PX = 24;
/** More is loaded before the edge is seen. */
const AHEAD_PX = 800;
/** So far from the end a way back is offered. */
const FAR_PX = 400;

/**
 * The box that the messages scroll in. It is laid out from its end (`column-reverse`), so scrollTop is
 * 0 at the end and negative above: being at the end, and not moving when something older is put in,
 * come from the layout. To ask it anything after a change makes the browser draw up the page.
 */
export class ScrollBox {
  readonly #element: HTMLElement;

  constructor(element: HTMLElement) {
    this.#element = element;
  }

  /** Where its upper edge is, in pixels of the window. */
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

  /** Does something while what `find` finds, before and after it, stays where it is. */
  hold(find: () => Element | undefined, change: () => void): void {
    const top = find()?.getBoundingClientRect().top;
    change();
    const moved = find()?.getBoundingClientRect().top;
    if (top !== undefined && moved !== undefined) this.#element.scrollTop += moved - top;
  }

  /** Takes the focus: its keys move through the messages. */
  focus(): void {
    this.#element.focus({ preventScroll: true });
  }
}
