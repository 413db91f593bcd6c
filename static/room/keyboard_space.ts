/**
 * Keeps the page in the part of the window that the keyboard of a phone leaves free. Where the browser
 * does that by itself (`interactive-widget=resizes-content` in index.html), there is nothing to do;
 * Safari lays its keyboard over the page and tells by the visual viewport.
 */
export function leaveKeyboardSpace(): void {
  const view = globalThis.visualViewport;
  if (!view) return;
  const { style } = document.documentElement;
  const fit = () => {
    // Whoever has zoomed in sees a part of the page, and moves it.
    const covered = view.scale === 1 && innerHeight - view.height > 1;
    if (covered) style.setProperty("--free-height", `${view.height}px`);
    else style.removeProperty("--free-height");
    // Safari has moved the page up, so that the field is above the keyboard; it is there already.
    if (covered && view.offsetTop > 0) scrollTo(0, 0);
  };
  view.addEventListener("resize", fit);
  view.addEventListener("scroll", fit);
}
