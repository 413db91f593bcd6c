// Where messages stand in the list, and how it is scrolled.
import type { Page } from "playwright-core";

/** Texts to be told apart by. */
export function lines(count: number): string[] {
  return Array.from({ length: count }, (_, i) => `line ${i + 1}`);
}

/** Scrolls, and waits until what came into sight has its true height: then nothing moves any more. */
export async function scroll(page: Page, y: number): Promise<void> {
  await page.locator(".scroller").evaluate(async (scroller, y) => {
    const frame = () => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
    const places = () =>
      [...scroller.querySelectorAll("chat-message")].map((message) =>
        message.getBoundingClientRect().top
      ).join();
    scroller.scrollBy(0, y);
    await frame();
    for (let same = 0, before = ""; same < 3; await frame()) {
      const now = places();
      same = now === before ? same + 1 : 0;
      before = now;
    }
  }, y);
}

/** The first message in sight, and where it stands. */
export function firstSeen(page: Page): Promise<{ seq: string; top: number }> {
  return page.evaluate(() => {
    const { top } = document.querySelector(".scroller")!.getBoundingClientRect();
    const all = [...document.querySelectorAll("chat-message")];
    const seen = all.find((message) => message.getBoundingClientRect().top >= top)!;
    return { seq: seen.id, top: seen.getBoundingClientRect().top };
  });
}

/** Where a message stands. */
export function topOf(page: Page, seq: string): Promise<number> {
  return page.evaluate((seq) => document.getElementById(seq)!.getBoundingClientRect().top, seq);
}
