import { assert, assertEquals } from "@std/assert";
import { browserTest, messages, sees } from "../stage.ts";
import { firstSeen, lines, scroll, topOf } from "./places.ts";

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

  "a long message is shown in full and folded again; its lines are counted as they are shown":
    async (stage) => {
      const server = await stage.serve();
      const rows = Array.from({ length: 40 }, (_, i) => `row ${i}`).join("\n");
      await server.say("bob", "before", `See:\n\`\`\`js\n${rows}\n\`\`\``, ...lines(40));
      const ann = await stage.join(server.url, "ann");
      await ann.evaluate(() => location.hash = "#2");
      const all = ann.getByRole("button", { name: "Show all 41 lines", expanded: false });
      await all.press("Enter");
      const less = ann.getByRole("button", { name: "Show less", expanded: true });
      await less.and(ann.locator(":focus")).waitFor();
      const height = () =>
        messages(ann).nth(1).evaluate((message) => message.getBoundingClientRect().height);
      const shown = await height();
      await less.press("Enter");
      await all.and(ann.locator(":focus")).waitFor();
      assert(await height() < shown / 2);
      const inSight = await messages(ann).nth(1).evaluate((message) => {
        const { top, bottom } = message.getBoundingClientRect();
        const list = message.closest(".scroller")!.getBoundingClientRect();
        return top >= list.top - 1 && bottom <= list.bottom + 1;
      });
      assert(inSight);
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
