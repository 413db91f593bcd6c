/** Within this distance, less than a line, the box counts as at its end. */
const AT_END_PX = 24;
/** Within this distance of an edge more is loaded. */
const AHEAD_PX = 800;
/** Beyond this distance from the end a button leads back. */
const FAR_PX = 400;

/**
 * The box that the messages scroll in. It is laid out from its end (`column-reverse`), so scrollTop is
 * 0 at the end and negative above: the layout keeps the box at its end, and keeps it where it is when
 * something older is put in. To ask it anything after a change makes the browser lay out the page.
 */
export class ScrollBox {
  readonly #element: HTMLElement;

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

  /** Makes a change while the element that `find` yields, before and after it, stays in place. */
  hold(find: () => Element | undefined, change: () => void): void {
    const top = find()?.getBoundingClientRect().top;
    change();
    const moved = find()?.getBoundingClientRect().top;
    if (top !== undefined && moved !== undefined) this.#element.scrollTop += moved - top;
  }

  /** Takes the focus, so that the arrow keys move through the messages. */
  focus(): void {
    this.#element.focus({ preventScroll: true });
  }
}
