import { assert, assertEquals } from "@std/assert";
import type { Page } from "playwright-core";
import { STRINGS } from "../../../lib/view/strings/all.ts";
import {
  browserTest,
  connected,
  controlled,
  messages,
  noted,
  sees,
  setHidden,
  type Stage,
  texts,
  write,
} from "../stage.ts";

/** The texts that the browser keeps for when the server does not answer. */
async function copied(page: Page): Promise<string[]> {
  return await page.evaluate(async () => {
    const done = <T>(request: IDBRequest<T>) =>
      new Promise<T>((resolve, reject) => {
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error);
      });
    const database = await done(indexedDB.open("partyline"));
    const kept = await done(database.transaction("copy").objectStore("copy").get("room"));
    database.close();
    return (kept?.entries ?? []).map(({ text }: { text: string }) => text);
  });
}

/** Resolves when what the browser keeps is so; rejects where that takes too long. */
async function until(page: Page, is: (texts: readonly string[]) => boolean): Promise<void> {
  const deadline = AbortSignal.timeout(30_000);
  for (let kept = await copied(page); !is(kept); kept = await copied(page)) {
    if (deadline.aborted) throw new Error(`What is kept is still ${JSON.stringify(kept)}`);
    await page.evaluate(() => new Promise((resolve) => setTimeout(resolve, 50)));
  }
}

/** All that the service worker keeps, as one text. */
async function cached(page: Page): Promise<string> {
  return await page.evaluate(async () => {
    const all: string[] = [];
    for (const name of await caches.keys()) {
      const cache = await caches.open(name);
      const pages = (await cache.keys()).filter(({ url }) => new URL(url).pathname.endsWith("/"));
      for (const page of pages) all.push(await (await cache.match(page))!.text());
    }
    return all.join("\n");
  });
}

/** Comes into a room that has the password "open sesame". */
async function enter(stage: Stage, url: string): Promise<Page> {
  const page = await stage.visit(url, { serviceWorkers: "allow" });
  await page.getByRole("textbox", { name: "Password" }).fill("open sesame");
  await page.keyboard.press("Enter");
  await page.getByLabel("Your name").fill("ann");
  await page.keyboard.press("Enter");
  await connected(page);
  await controlled(page);
  return page;
}

browserTest("The page without its server", {
  "shows the newest 200 messages as they were seen last, and goes on from there when it is back":
    async (stage) => {
      const server = await stage.serve();
      await server.say("bob", ...Array.from({ length: 230 }, (_, i) => `message ${i}`));
      const ann = await stage.join(server.url, "ann", { serviceWorkers: "allow" });
      await controlled(ann);
      await write(ann, "the last thing said");
      await sees(ann, "the last thing said");
      await until(ann, (kept) => kept.length === 200 && kept.at(-1) === "the last thing said");
      await ann.waitForFunction(async () => await (await caches.open("partyline")).match("/"));
      await server.close();
      await ann.reload();
      await sees(ann, "the last thing said");
      await sees(ann, "message 31");
      assertEquals(await messages(ann).count(), 200);
      const direction = () =>
        ann.locator(".scroller").evaluate((scroller) => getComputedStyle(scroller).flexDirection);
      assertEquals(await direction(), "column-reverse", "offline there is no style sheet");
      await write(ann, "from nowhere");
      await ann.locator(".draft", { hasText: "Waiting to be sent" }).waitFor();
      await server.open();
      await server.say("bob", "back");
      await sees(ann, "from nowhere");
      await sees(ann, "back");
      const all = await texts(ann);
      assertEquals(all.length, new Set(all).size, "a message is shown twice");
      assertEquals(all.filter((text) => /^message/.test(text)).length, 199);
      await ann.reload();
      await sees(ann, "back");
    },

  "keeps nothing of a message that was deleted, and no former text of one that was edited": async (
    stage,
  ) => {
    const server = await stage.serve();
    const ann = await stage.join(server.url, "ann", { serviceWorkers: "allow" });
    await controlled(ann);
    await write(ann, "a slip of the tongue");
    await sees(ann, "a slip of the tongue");
    await write(ann, "with a tpyo");
    await sees(ann, "with a tpyo");
    await setHidden(ann, true);
    await until(ann, (kept) => kept.length === 2);
    await ann.waitForFunction(async () => await (await caches.open("partyline")).match("/"));
    await ann.evaluate(async () => {
      const body = JSON.stringify({ text: "without a typo" });
      const headers = { "content-type": "application/json" };
      await fetch("api/messages/1", { method: "DELETE" });
      await fetch("api/messages/2", { method: "PATCH", headers, body });
    });
    await until(ann, (kept) => kept.join() === ",without a typo");
    const kept = await cached(ann);
    assert(kept.includes("<message-list>"), "the page itself is kept");
    assert(!/a slip of|tpyo|typo/.test(kept), "the service worker keeps what was said");
    await server.close();
    await ann.reload();
    await messages(ann).filter({ hasText: "without a typo" }).waitFor();
    assertEquals(await ann.getByText("a slip of the tongue").count(), 0);
  },

  "shows nothing any more where the password has changed meanwhile": async (stage) => {
    const server = await stage.serve({ access: { password: "open sesame" } });
    const ann = await enter(stage, server.url);
    await write(ann, "between us");
    await sees(ann, "between us");
    await setHidden(ann, true);
    await until(ann, (kept) => kept.length === 1);
    await ann.waitForFunction(async () => await (await caches.open("partyline")).match("/"));
    await server.close();
    await ann.reload();
    await sees(ann, "between us");
    server.change({ access: { password: "close sesame" } });
    await server.open();
    await ann.getByRole("dialog", { name: "This room has a password" }).waitFor();
    await messages(ann).first().waitFor({ state: "detached" });
    await until(ann, (kept) => kept.length === 0);
  },

  "keeps nothing for whoever comes after somebody has signed out": async (stage) => {
    const server = await stage.serve({ access: { password: "open sesame" } });
    const ann = await enter(stage, server.url);
    await write(ann, "mine");
    await sees(ann, "mine");
    await setHidden(ann, true);
    await until(ann, (kept) => kept.length === 1);
    await setHidden(ann, false);
    await ann.getByRole("button", { name: "Settings" }).click();
    await ann.getByRole("button", { name: /^Sign out/ }).click();
    await ann.getByRole("dialog", { name: "This room has a password" }).waitFor();
    await until(ann, (kept) => kept.length === 0);
  },

  "is there where the browser keeps nothing, and has its messages when the server is back": async (
    stage,
  ) => {
    const server = await stage.serve();
    await server.say("bob", "one", "two");
    const ann = await stage.visit("about:blank", { serviceWorkers: "allow" });
    await ann.addInitScript(() => {
      IDBFactory.prototype.open = () => {
        throw new DOMException("not here", "InvalidStateError");
      };
    });
    await ann.goto(server.url);
    await controlled(ann);
    await ann.waitForFunction(async () => await (await caches.open("partyline")).match("/"));
    await server.close();
    await ann.reload();
    await ann.locator("connection-chip[data-state]").waitFor();
    assertEquals(await messages(ann).count(), 0);
    await server.open();
    await sees(ann, "one");
    await sees(ann, "two");
    await server.say("bob", "three");
    await sees(ann, "three");
  },

  "opens what was never opened while the server was there, in any language": async (stage) => {
    const server = await stage.serve();
    await server.say("bob", "one");
    const ann = await stage.join(server.url, "ann", { serviceWorkers: "allow" });
    await controlled(ann);
    await setHidden(ann, true);
    await until(ann, (kept) => kept.length === 1);
    await ann.waitForFunction(async () => await (await caches.open("partyline")).match("/"));
    await server.close();
    await ann.reload();
    await sees(ann, "one");
    await ann.getByRole("button", { name: /^Search/ }).click();
    const search = ann.locator("dialog.search");
    await search.getByRole("combobox").waitFor();
    assertEquals(await search.evaluate((dialog) => getComputedStyle(dialog).display), "flex");
    await ann.keyboard.press("Escape");
    await messages(ann).first().focus();
    await ann.keyboard.press("Enter");
    await ann.getByRole("menuitem", { name: "Reply" }).waitFor();
    await ann.keyboard.press("Escape");
    await ann.locator("#composer").fill("/h");
    await ann.getByRole("option", { name: /^\/help/ }).waitFor();
    await ann.getByRole("button", { name: "Settings" }).click();
    await ann.getByLabel("Language").selectOption("ko");
    await ann.getByRole("textbox", { name: STRINGS.ko.message, exact: true }).waitFor();
  },

  "says so where what is opened cannot be loaded, and sends what is typed all the same": async (
    stage,
  ) => {
    const server = await stage.serve();
    const ann = await stage.visit("about:blank");
    await ann.route(/\/later-\w+\.js$/, (route) => route.abort());
    await ann.goto(server.url);
    await ann.getByLabel("Your name").fill("ann");
    await ann.keyboard.press("Enter");
    await connected(ann);
    await ann.getByRole("button", { name: "Settings" }).click();
    await noted(ann, "The server cannot be reached.");
    await write(ann, "at 12:30: see you");
    await sees(ann, "at 12:30: see you");
    await write(ann, "/who");
    await ann.waitForFunction(() => document.querySelector("textarea")!.value === "/who");
  },
});
