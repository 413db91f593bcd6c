/** From the edges of the window, and from what it belongs to. */
const GAP_PX = 6;

/**
 * Shows an element over the page, near another one: below it or above, its end at the end of that one.
 * On a phone the style sheet places it at the bottom instead. The element must be in the document.
 */
export function float(element: HTMLElement, near: DOMRectReadOnly): void {
  element.popover = "manual";
  element.showPopover();
  element.style.top = element.style.left = "0";
  const { width, height } = element.getBoundingClientRect();
  const rtl = getComputedStyle(element).direction === "rtl";
  const left = rtl ? near.left : near.right - width;
  const below = near.bottom + GAP_PX;
  const top = below + height + GAP_PX <= innerHeight ? below : near.top - GAP_PX - height;
  element.style.left = `${clamp(left, innerWidth - width)}px`;
  element.style.top = `${clamp(top, innerHeight - height)}px`;
}

/**
 * Closes what floats when somebody presses elsewhere; that press does nothing else. Yields what ends
 * the watch.
 */
export function onPressElsewhere(element: HTMLElement, close: () => void): () => void {
  const pressed = (event: PointerEvent) => {
    if (element.contains(event.target as Node)) return;
    swallowClick();
    close();
  };
  document.addEventListener("pointerdown", pressed, true);
  return () => document.removeEventListener("pointerdown", pressed, true);
}

/** The press that is going on becomes no click, and moves no focus. */
export function swallowClick(): void {
  const over = new AbortController();
  const options = { capture: true, signal: over.signal };
  const swallow = (event: MouseEvent) => {
    if (event.type === "click" && event.detail === 0) return; // of a key
    event.preventDefault();
    event.stopPropagation();
    if (event.type === "click") over.abort();
  };
  document.addEventListener("mousedown", swallow, options);
  document.addEventListener("click", swallow, options);
  // Where no click has come of it, the next press is another one.
  document.addEventListener("pointerdown", () => over.abort(), options);
}

function clamp(wanted: number, most: number): number {
  return Math.max(GAP_PX, Math.min(wanted, most - GAP_PX));
}
