import { assert, assertEquals } from "@std/assert";
import type { Page } from "playwright-core";
import { firstSeen, lines, scroll as settle, topOf } from "./comfort/places.ts";
import { browserTest, connected, messages, noted, sees, setHidden, write } from "./stage.ts";

browserTest("The page, where people read", {
  "scrolling up loads older messages, and what is seen does not move": async (stage) => {
    const server = await stage.serve();
    await server.say("bob", ...lines(400));
    const ann = await stage.join(server.url, "ann");
    assertEquals(await messages(ann).count(), 50);
    await ann.evaluate(watchJumps);
    for (let i = 0; await messages(ann).count() < 400; i++) {
      assert(i < 100, "the beginning is never reached");
      await scroll(ann, -600);
    }
    await scroll(ann, -100_000);
    await ann.getByText("This is the beginning of lobby.").waitFor();
    assertEquals(
      await ann.evaluate(() => (globalThis as unknown as { jumps: number[] }).jumps),
      [],
    );
    assertEquals(await order(ann), Array.from({ length: 400 }, (_, i) => i + 1));
  },

  "at the end new messages keep it there; further up a button tells how many came": async (
    stage,
  ) => {
    const server = await stage.serve();
    await server.say("bob", ...lines(60));
    const ann = await stage.join(server.url, "ann");
    await server.say("bob", "at the end");
    await sees(ann, "at the end");
    assertEquals(await distance(ann), 0);
    await settle(ann, -700);
    const seen = await firstSeen(ann);
    await server.say("bob", "one more", "another");
    await sees(ann, "another");
    const moved = await topOf(ann, seen.seq) - seen.top;
    assert(Math.abs(moved) <= 1, `moved by ${moved}`);
    await ann.getByRole("button", { name: "2 new messages" }).click();
    assertEquals(await distance(ann), 0);
    await ann.locator(".latest").waitFor({ state: "hidden" });
  },

  "far up, what is far away is unloaded, and comes back": async (stage) => {
    const server = await stage.serve();
    await server.say("bob", ...lines(2500));
    const ann = await stage.join(server.url, "ann");
    for (let i = 0; await firstLoaded(ann) > 400; i++) {
      assert(i < 300, "the older messages never come");
      await scroll(ann, -100_000);
    }
    assert(await messages(ann).count() <= 900);
    await server.say("bob", "the newest");
    await ann.getByRole("button", { name: "1 new message" }).waitFor();
    for (let i = 0; await lastLoaded(ann) < 2501; i++) {
      assert(i < 300, "the newer messages never come");
      await scroll(ann, 100_000);
    }
    const seqs = await order(ann);
    assertEquals(seqs, seqs.map((_, i) => seqs[0]! + i));
    await scroll(ann, 100_000);
    await server.say("bob", "and live again");
    await sees(ann, "and live again");
    assertEquals(await distance(ann), 0);
  },

  "a line marks where somebody left off, and the title counts": async (stage) => {
    const server = await stage.serve();
    await server.say("bob", "read");
    const ann = await stage.join(server.url, "ann");
    await setHidden(ann, true);
    await server.say("bob", "unread 1", "unread 2");
    await sees(ann, "unread 2");
    assertEquals(await ann.title(), "(2) lobby");
    assert(
      (await ann.locator("link[rel=icon]").getAttribute("href"))?.startsWith("data:image/svg"),
    );
    const after = ann.locator(".unread + chat-message .text");
    assertEquals(await after.textContent(), "unread 1");
    await setHidden(ann, false);
    assertEquals(await ann.title(), "lobby");
    await write(ann, "I have read it");
    await ann.locator(".unread").waitFor({ state: "detached" });
  },

  "after a reload the unread line is there, but not for one's own messages": async (
    stage,
  ) => {
    const server = await stage.serve();
    await server.say("bob", "seen");
    const ann = await stage.join(server.url, "ann");
    await ann.goto("about:blank");
    await server.say("ann", "my own, from elsewhere");
    await ann.goto(server.url);
    await sees(ann, "my own, from elsewhere");
    await connected(ann); // until then the page is as the server made it
    assertEquals(await ann.locator(".unread").count(), 0);
    await ann.goto("about:blank");
    await server.say("bob", "not seen", "nor this");
    await ann.goto(server.url);
    const after = ann.locator(".unread + chat-message .text");
    assertEquals(await after.textContent(), "not seen");
    assertEquals(await ann.locator(".unseen").isVisible(), false);
    await ann.reload();
    await connected(ann);
    assertEquals(await ann.locator(".unread").count(), 0);
  },

  "a line that is far above is a click away": async (stage) => {
    const server = await stage.serve();
    await server.say("bob", ...lines(10));
    const ann = await stage.join(server.url, "ann");
    await ann.goto("about:blank");
    await server.say("bob", ...lines(300));
    await ann.goto(server.url);
    assertEquals(await ann.locator(".unread").count(), 0);
    await ann.getByRole("button", { name: "300 new messages" }).click();
    await ann.locator(".unread + chat-message.marked", { hasText: "line 1" }).waitFor();
    await ann.locator(".unseen").waitFor({ state: "hidden" });
    await ann.getByRole("button", { name: "Latest messages" }).click();
    await sees(ann, "line 300");
    assertEquals(await ann.locator(".unseen").isVisible(), false);
    // And the same where it is loaded and only out of sight.
    await setHidden(ann, true);
    await setHidden(ann, false);
    await server.say("bob", ...lines(40)); // as to a tab that slept
    const up = ann.getByRole("button", { name: "40 new messages" });
    await up.waitFor();
    for (let i = 0; await up.isVisible(); i++) {
      assert(i < 100, "the line is never reached");
      await scroll(ann, -100);
    }
    await ann.locator(".unread + chat-message", { hasText: "line 1" }).waitFor();
  },

  "messages below what somebody reads stay unread": async (stage) => {
    const server = await stage.serve();
    await server.say("bob", ...lines(60));
    const ann = await stage.join(server.url, "ann");
    await scroll(ann, -700);
    await server.say("bob", "below");
    await ann.getByRole("button", { name: "1 new message" }).waitFor();
    await setHidden(ann, true);
    await setHidden(ann, false);
    await ann.reload();
    await ann.locator(".unread + chat-message", { hasText: "below" }).waitFor();
  },

  "quiet lines keep their places, whatever is shown anew": async (stage) => {
    const server = await stage.serve();
    await server.say("bob", ...lines(300));
    const ann = await stage.join(server.url, "ann");
    await write(ann, "/who");
    await noted(ann, "1 here");
    await server.say("bob", "between");
    await sees(ann, "between");
    await stage.join(server.url, "cy");
    await noted(ann, "cy joined");
    await write(ann, "/nonsense");
    await noted(ann, "There is no command");
    await server.say("bob", "the end");
    await sees(ann, "the end");
    const rows = async () =>
      (await ann.locator(".rows > *").allTextContents()).slice(-6).map((row) => row.slice(-7));
    const before = await rows();
    assertEquals(before, ["ine 300", "re: ann", "between", " joined", "a list.", "the end"]);
    await ann.getByRole("button", { name: "Settings" }).click();
    await ann.getByRole("radio", { name: "Compact" }).check();
    assertEquals(await rows(), before);
    await ann.getByRole("radio", { name: "24-hour" }).check();
    assertEquals(await rows(), before);
    await ann.keyboard.press("Escape");
    await write(ann, "/name anna");
    await noted(ann, "ann is now anna");
    assertEquals(await ann.locator(".note").count(), 4);
    await ann.evaluate(() => location.hash = "#3");
    await ann.locator("chat-message.marked", { hasText: "line 3" }).waitFor();
    assertEquals(await ann.locator(".note").count(), 0);
    await ann.getByRole("button", { name: "Latest messages" }).click();
    await sees(ann, "the end");
    assertEquals(await ann.locator(".note").allTextContents(), [
      "1 here: ann",
      "cy joined",
      "There is no command /nonsense. Type /help for a list.",
      "ann is now anna",
    ]);
    // And by scrolling away and back.
    for (let i = 0; await firstLoaded(ann) > 1; i++) {
      assert(i < 100, "the beginning is never reached");
      await scroll(ann, -100_000);
    }
    assertEquals((await rows()).length, 6);
  },

  "a message that is marked, unfolded and in focus stays so when it is made anew": async (
    stage,
  ) => {
    const server = await stage.serve();
    await server.say("bob", Array.from({ length: 40 }, (_, i) => `row ${i}`).join("\n"));
    const ann = await stage.join(server.url, "ann");
    await ann.evaluate(() => location.hash = "#1");
    await ann.getByRole("button", { name: "Show all 40 lines" }).click();
    const state = () =>
      ann.evaluate(() => {
        const message = document.querySelector("chat-message")!;
        const text = message.querySelector(".text")!;
        return [
          message.matches(".marked"),
          text.matches(".folded"),
          message.contains(document.activeElement),
        ];
      });
    assertEquals(await state(), [true, false, true]);
    const tab = await ann.context().newPage();
    await tab.goto(server.url);
    await connected(tab);
    await write(tab, "/name anna");
    await noted(ann, "ann is now anna");
    assertEquals(await state(), [true, false, true]);
  },

  "after midnight the day that was today is yesterday": async (stage) => {
    const server = await stage.serve();
    await server.say("bob", "late");
    const ann = await stage.visit("about:blank");
    await ann.clock.install();
    await ann.goto(server.url);
    await ann.locator(".day", { hasText: "Today" }).waitFor();
    await ann.clock.fastForward("24:00:00");
    await ann.locator(".day", { hasText: "Yesterday" }).waitFor();
  },

  "a part of the history that could not be loaded can be asked for again": async (stage) => {
    const server = await stage.serve();
    await server.say("bob", ...lines(600));
    const ann = await stage.join(server.url, "ann");
    const pages = "**/api/messages?*";
    await ann.route(pages, (route) => route.abort());
    await scroll(ann, -100_000);
    await ann.getByText("The messages could not be loaded.").waitFor();
    await ann.unroute(pages);
    await ann.getByRole("button", { name: "Try again" }).click();
    await ann.locator(".start", { hasText: "could not be loaded" }).waitFor({ state: "detached" });
    await scroll(ann, -100_000);
    await sees(ann, "line 460");
    // The same below: the button that leads there says so.
    await ann.evaluate(() => location.hash = "#3");
    await ann.locator("chat-message.marked").waitFor();
    await ann.route(pages, (route) => route.abort());
    await ann.getByRole("button", { name: "Latest messages" }).click();
    const again = ann.getByRole("button", { name: "The messages could not be loaded." });
    await again.waitFor();
    await ann.unroute(pages);
    await again.click();
    await sees(ann, "line 600");
    await ann.route(pages, (route) => route.abort());
    await ann.evaluate(() => location.hash = "#3");
    await again.click();
    await again.waitFor({ state: "hidden" });
  },

  "a link to a message opens the history around it and marks it": async (stage) => {
    const server = await stage.serve();
    await server.say("bob", ...lines(600));
    const ann = await stage.visit(`${server.url}#42`);
    const marked = ann.locator("chat-message.marked");
    await marked.getByText("line 42", { exact: true }).waitFor();
    assert(
      await marked.evaluate((element) => {
        const { top, bottom } = element.getBoundingClientRect();
        return top > 0 && bottom < innerHeight;
      }),
    );
    await ann.getByRole("button", { name: "Latest messages" }).click();
    await sees(ann, "line 600");
    assertEquals(await distance(ann), 0);
    await ann.evaluate(() => location.hash = "#9999");
    await noted(ann, "There is no message 9999.");
  },

  "search finds as one types, marks what it found, and goes there by the keyboard": async (
    stage,
  ) => {
    const server = await stage.serve();
    await server.say("bob", "the red fox", "한국어 메시지", ...lines(300), "a fox again");
    const ann = await stage.join(server.url, "ann");
    await ann.keyboard.press("Control+k");
    await ann.keyboard.type("fox");
    await ann.getByText("2 results").waitFor();
    assertEquals(await ann.locator("#hits mark").allTextContents(), ["fox", "fox"]);
    await ann.keyboard.press("ArrowDown");
    await ann.keyboard.press("Enter");
    await ann.locator("chat-message.marked", { hasText: "the red fox" }).waitFor();
    assertEquals(await ann.evaluate(() => document.activeElement?.id), "1");
    await ann.keyboard.press("/");
    // What is no key of the keyboard is not held until the search is open.
    await ann.locator("dialog.search[open]").waitFor();
    await ann.keyboard.type("국어 메");
    await ann.getByText("1 result", { exact: true }).waitFor();
    await ann.locator("#hits li").click();
    await ann.locator("chat-message.marked", { hasText: "한국어" }).waitFor();
    await server.say("bob", "**bold** `hunter`", "/me hunts");
    await ann.keyboard.press("Control+k");
    await ann.keyboard.type("hunt");
    await ann.getByText("2 results").waitFor();
    assertEquals(await ann.locator("#hits p").allTextContents(), ["bob hunts", "bold hunter"]);
    await ann.keyboard.press("Escape");
    await ann.locator("dialog.search").waitFor({ state: "hidden" });
  },

  "messages are gone through by the keyboard, with their full date": async (stage) => {
    const server = await stage.serve();
    await server.say("bob", ...lines(5));
    const ann = await stage.join(server.url, "ann");
    await ann.keyboard.press("Control+ArrowUp");
    await ann.keyboard.press("ArrowUp");
    await ann.keyboard.press("ArrowUp");
    assertEquals(await ann.evaluate(() => document.activeElement?.id), "3");
    const date = await ann.locator("chat-message:focus .time").getAttribute("title");
    assert(date?.includes(String(new Date().getFullYear())), `the full date, not ${date}`);
    await ann.keyboard.press("Escape");
    await ann.locator("#composer:focus").waitFor();
  },

  "ten thousand messages: a thousand more in five seconds, and nothing stutters": async (stage) => {
    const server = await stage.serve();
    for (let i = 0; i < 20; i++) await server.say("bob", ...lines(500));
    const ann = await stage.join(server.url, "ann");
    for (let i = 0; await messages(ann).count() < 850; i++) {
      assert(i < 300, "the older messages never come");
      await scroll(ann, -100_000);
    }
    await ann.getByRole("button", { name: "Latest messages" }).click();
    await ann.locator(".latest").waitFor({ state: "hidden" });
    const busy = await watchBusy(ann);
    // The pace is what is tested: twenty batches a second.
    for (let i = 0; i < 100; i++) {
      await server.say("cy", ...lines(10));
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    await server.say("cy", "the last one");
    await sees(ann, "the last one");
    const msPerBatch = await busy() / 100;
    assert(msPerBatch < 50, `${msPerBatch} ms of work for each batch`);
    assert(await messages(ann).count() <= 600);
    assertEquals(await distance(ann), 0);
  },

  "a person is still there after the tab slept": async (stage) => {
    const server = await stage.serve();
    const ann = await stage.join(server.url, "ann");
    await setHidden(ann, true);
    await server.close();
    await ann.locator("connection-chip:not([data-state=connected])").waitFor();
    await server.open();
    await setHidden(ann, false);
    await connected(ann);
  },
});

/** Scrolls, and lets the page draw what it made of it. */
async function scroll(page: Page, y: number): Promise<void> {
  await page.locator(".scroller").evaluate((scroller, y) => {
    scroller.scrollBy(0, y);
    return new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
  }, y);
}

function distance(page: Page): Promise<number> {
  return page.locator(".scroller").evaluate((scroller) => Math.abs(Math.round(scroller.scrollTop)));
}

async function order(page: Page): Promise<number[]> {
  return await messages(page).evaluateAll((all) => all.map(({ id }) => Number(id)));
}

async function firstLoaded(page: Page): Promise<number> {
  return Number(await messages(page).first().getAttribute("id"));
}

async function lastLoaded(page: Page): Promise<number> {
  return Number(await messages(page).last().getAttribute("id"));
}

/** Notes each time that something is put into the list and what is in sight moves by it. */
function watchJumps(): void {
  const noted = globalThis as unknown as { jumps: number[] };
  noted.jumps = [];
  const scroller = document.querySelector(".scroller")!;
  let seen: { element: Element; top: number } | undefined;
  const look = () => {
    const { top } = scroller.getBoundingClientRect();
    const all = [...document.querySelectorAll("chat-message")];
    const element = all.find((message) => message.getBoundingClientRect().bottom > top + 1);
    seen = element && { element, top: element.getBoundingClientRect().top };
  };
  // What has come into sight is given its true height with the next frame: only then it stands.
  scroller.addEventListener("scroll", () => {
    seen = undefined;
    requestAnimationFrame(() => setTimeout(look));
  });
  new MutationObserver(() => {
    const moved = seen ? seen.element.getBoundingClientRect().top - seen.top : 0;
    if (seen?.element.isConnected && Math.abs(moved) > 1) noted.jumps.push(moved);
  }).observe(document.querySelector(".rows")!, { childList: true });
}

/**
 * Milliseconds that the page's main thread has worked since. Not how long its tasks took: on a machine
 * that others use too, that tells more about them.
 */
async function watchBusy(page: Page): Promise<() => Promise<number>> {
  const devtools = await page.context().newCDPSession(page);
  await devtools.send("Performance.enable", { timeDomain: "threadTicks" });
  const worked = async () => {
    const { metrics } = await devtools.send("Performance.getMetrics");
    return 1000 * metrics.find(({ name }) => name === "TaskDuration")!.value;
  };
  const before = await worked();
  return async () => await worked() - before;
}
