import { assert, assertEquals } from "@std/assert";
import type { Page } from "playwright-core";
import { browserTest, messages, sees } from "../stage.ts";

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

  "the time of a message that continues another is there to point at, and by the keyboard": async (
    stage,
  ) => {
    const server = await stage.serve();
    await server.say("bob", "one", "two", "three");
    const ann = await stage.join(server.url, "ann");
    const time = messages(ann).nth(1).locator(".time");
    await time.waitFor({ state: "hidden" });
    await messages(ann).nth(1).hover();
    await time.click();
    await ann.locator("chat-message.marked", { hasText: "two" }).waitFor();
    await ann.mouse.move(0, 0);
    await ann.keyboard.press("Control+ArrowUp");
    await messages(ann).nth(2).locator(".time").waitFor();
    await time.waitFor({ state: "hidden" });
    await ann.keyboard.press("ArrowUp");
    await time.waitFor();
    await ann.keyboard.press("Tab");
    await ann.locator(".time:focus").waitFor();
    assertEquals(await ann.locator(".time:focus").getAttribute("href"), "#2");
    await ann.keyboard.press("ArrowUp");
    await messages(ann).nth(0).and(ann.locator(":focus")).waitFor();
    assertEquals(await time.getAttribute("tabindex"), "-1");
  },

  "a link to a message of this room jumps there, here; any other opens a tab": async (stage) => {
    const server = await stage.serve();
    await server.say("bob", ...lines(200), `${server.url}#3`, `${server.url}livez`);
    const ann = await stage.join(server.url, "ann");
    await ann.getByRole("link", { name: `${server.url}#3` }).click();
    const marked = ann.locator("chat-message.marked");
    await marked.getByText("line 3", { exact: true }).waitFor();
    assertEquals(ann.context().pages().length, 1);
    assertEquals(new URL(ann.url()).hash, "#3");
    await ann.getByRole("button", { name: "Latest messages" }).click();
    const opened = ann.context().waitForEvent("page");
    await ann.getByRole("link", { name: `${server.url}livez` }).click();
    await opened;
  },

  "the mark of a jump fades, and does not begin anew when the message is made anew": async (
    stage,
  ) => {
    const server = await stage.serve();
    await server.say("bob", ...lines(3));
    const ann = await stage.join(server.url, "ann");
    const background = (seq: number) =>
      ann.evaluate(
        (seq) => getComputedStyle(document.getElementById(`${seq}`)!).backgroundColor,
        seq,
      );
    await ann.evaluate(() => location.hash = "#2");
    await ann.locator("chat-message.marked").waitFor();
    assert(await background(2) !== await background(1));
    // As if it had been marked a while ago.
    await ann.evaluate(() => {
      const now = performance.now.bind(performance);
      performance.now = () => now() + 5000;
    });
    await ann.getByRole("button", { name: "Settings" }).click();
    await ann.getByRole("radio", { name: "12-hour" }).check();
    const made = ann.locator(".marked .time", { hasText: /m/i });
    await made.waitFor({ state: "attached" });
    const faded = await ann.evaluate(() =>
      document.querySelector(".marked")!.getAnimations()[0]?.effect?.getComputedTiming().progress ??
        1
    );
    assert(faded > 0.8, `it began anew: ${faded} of it is over`);
    await ann.keyboard.press("Escape");
    await ann.waitForFunction(() =>
      document.querySelector(".marked")!.getAnimations().length === 0
    );
    assertEquals(await background(2), await background(1));
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
