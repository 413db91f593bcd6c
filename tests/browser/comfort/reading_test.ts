import { assert } from "@std/assert";
import type { Page } from "playwright-core";
import { browserTest, sees } from "../stage.ts";

browserTest("The page, for a reader", {
  "what somebody reads further up stays where it is, however many messages come": async (stage) => {
    const server = await stage.serve();
    await server.say("bob", ...lines(60));
    const ann = await stage.join(server.url, "ann");
    await scroll(ann, -700);
    const seen = await firstSeen(ann);
    for (let i = 0; i < 100; i++) {
      await server.say("bob", `later ${i}`);
      await sees(ann, `later ${i}`);
    }
    const moved = await topOf(ann, seen.seq) - seen.top;
    assert(Math.abs(moved) <= 1, `moved by ${moved} px`);
  },
});

function lines(count: number): string[] {
  return Array.from({ length: count }, (_, i) => `line ${i + 1}`);
}

/** Scrolls, and waits until what came into sight has its true height: then nothing moves any more. */
async function scroll(page: Page, y: number): Promise<void> {
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
function firstSeen(page: Page): Promise<{ seq: string; top: number }> {
  return page.evaluate(() => {
    const { top } = document.querySelector(".scroller")!.getBoundingClientRect();
    const all = [...document.querySelectorAll("chat-message")];
    const seen = all.find((message) => message.getBoundingClientRect().top >= top)!;
    return { seq: seen.id, top: seen.getBoundingClientRect().top };
  });
}

function topOf(page: Page, seq: string): Promise<number> {
  return page.evaluate((seq) => document.getElementById(seq)!.getBoundingClientRect().top, seq);
}
