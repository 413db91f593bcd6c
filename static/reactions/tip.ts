import { h } from "../base/dom.ts";

/** Above what it belongs to, in pixels. */
const GAP_PX = 4;

/** Who reacted: a line over the button that is pointed at, or has the focus. */
export class Tip {
  readonly #element = h("div", { class: "tip", role: "presentation" });
  readonly #place: HTMLElement;

  /** The tip is put into `place` while it is shown. It says nothing that its button does not say. */
  constructor(place: HTMLElement) {
    this.#place = place;
    this.#element.ariaHidden = "true";
  }

  /** Of the element, or of one that it is in; hides it where that has none. */
  show(target: Element): void {
    const of = target.closest<HTMLElement>("[data-tip]");
    if (!of) return this.hide();
    this.#element.textContent = of.dataset.tip!;
    this.#place.append(this.#element);
    this.#element.popover = "manual";
    this.#element.showPopover();
    const { left, top, bottom, width } = of.getBoundingClientRect();
    const own = this.#element.getBoundingClientRect();
    const middle = left + width / 2 - own.width / 2;
    const above = top - own.height - GAP_PX;
    this.#element.style.left = `${clamp(middle, innerWidth - own.width)}px`;
    this.#element.style.top = `${above < GAP_PX ? bottom + GAP_PX : above}px`;
  }

  hide(): void {
    this.#element.remove();
  }
}

function clamp(wanted: number, most: number): number {
  return Math.max(GAP_PX, Math.min(wanted, most - GAP_PX));
}
