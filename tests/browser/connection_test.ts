import { assert, assertEquals } from "@std/assert";
import type { Page } from "playwright-core";
import { browserTest, connected, noted, sees, texts, write } from "./stage.ts";

browserTest("The page, when connections fail", {
  "the server goes and comes back: nothing is missing, nothing is twice": async (stage) => {
    const server = await stage.serve();
    const ann = await stage.join(server.url, "ann");
    await write(ann, "before");
    await sees(ann, "before");
    await server.close();
    await ann.locator("connection-chip:not([data-state=connected])").waitFor();
    await write(ann, "meanwhile");
    await ann.locator(".draft", { hasText: "Waiting to be sent" }).waitFor();
    await server.open();
    await server.say("bob", "one", "two");
    await sees(ann, "meanwhile");
    await sees(ann, "two");
    assertEquals((await texts(ann)).toSorted(), ["before", "meanwhile", "one", "two"]);
    await ann.locator(".draft").waitFor({ state: "detached" });
    await ann.locator("people-panel .self", { hasText: "ann" }).waitFor();
  },

  "what was missed is counted, and the button connects at once": async (stage) => {
    const server = await stage.serve();
    const ann = await stage.join(server.url, "ann");
    await ann.context().setOffline(true);
    await ann.locator("connection-chip[data-state=offline]").waitFor();
    await server.say("bob", "one", "two", "three");
    await ann.context().setOffline(false);
    await ann.getByText("Reconnected, 3 missed messages").waitFor();
    await server.close();
    // Several failures until the pause is long enough to be told.
    await ann.getByText(/Reconnecting in \d+ s/).waitFor({ timeout: 60_000 });
    await server.open();
    // On a slow machine it may have come back by itself, and the button is gone.
    const state = await ann.evaluate(async () => {
      const chip = document.querySelector<HTMLElement>("connection-chip")!;
      chip.querySelector("button")?.click();
      await new Promise((resolve) => setTimeout(resolve));
      return chip.dataset.state;
    });
    assert(state !== "waiting", "it still waits for the next attempt");
    await ann.locator("connection-chip[data-state=resumed]").waitFor();
  },

  "without WebSocket it is server-sent events, and WebSocket again when it can be": async (
    stage,
  ) => {
    const server = await stage.serve({ graceMs: 5000 });
    const ann = await stage.visit("about:blank");
    const block = await blockWebSocket(ann);
    await ann.goto(server.url);
    await comeIn(ann, "ann");
    await via(ann, "server-sent events");
    await server.say("bob", "over events");
    await sees(ann, "over events");
    await write(ann, "by post");
    await sees(ann, "by post");
    assertEquals(server.room.presence().names, ["ann"]);
    block.off = true;
    await via(ann, "WebSocket");
    await server.say("bob", "over WebSocket");
    await sees(ann, "over WebSocket");
    assertEquals(await texts(ann), ["over events", "by post", "over WebSocket"]);
  },

  "without WebSocket and events it is long polling": async (stage) => {
    const server = await stage.serve({ graceMs: 5000 });
    const ann = await stage.visit("about:blank");
    await blockWebSocket(ann);
    await ann.route("**/events*", (route) => route.abort());
    await ann.goto(server.url);
    await comeIn(ann, "ann");
    await via(ann, "polling");
    await server.say("bob", "over a poll");
    await sees(ann, "over a poll");
    await write(ann, "by post");
    await sees(ann, "by post");
    assertEquals(await texts(ann), ["over a poll", "by post"]);
    assertEquals(server.room.presence().names, ["ann"]);
  },

  "a WebSocket that opens and stays silent is given up": async (stage) => {
    const server = await stage.serve();
    const ann = await stage.visit("about:blank");
    await ann.routeWebSocket("**/ws*", () => {}); // open, and nobody behind it
    await ann.goto(server.url);
    await comeIn(ann, "ann");
    await via(ann, "server-sent events");
  },

  "a hole in the order is seen, and filled by coming back": async (stage) => {
    const server = await stage.serve();
    const ann = await stage.visit("about:blank");
    let drop = false;
    await ann.routeWebSocket("**/ws*", (socket) => {
      const server = socket.connectToServer();
      server.onMessage((message) => {
        if (drop && String(message).includes('"type":"message"')) drop = false;
        else socket.send(message);
      });
    });
    await ann.goto(server.url);
    await comeIn(ann, "ann");
    await via(ann, "WebSocket");
    await server.say("bob", "one");
    await sees(ann, "one");
    drop = true;
    await server.say("bob", "two");
    await server.say("bob", "three");
    await sees(ann, "three");
    assertEquals(await texts(ann), ["one", "two", "three"]);
  },

  "a page that the server turns away says why, and a click loads it anew": async (stage) => {
    const server = await stage.serve();
    const ann = await stage.join(server.url, "ann");
    await ann.route("**/api/session", (route) =>
      route.fulfill({
        status: 403,
        contentType: "application/json",
        body: `{"error":{"code":"forbidden","message":"go away"}}`,
      }));
    await ann.reload();
    await noted(ann, "That is not allowed here.");
    await ann.locator("connection-chip[data-state=offline]").waitFor();
    await ann.unroute("**/api/session");
    await ann.getByRole("button", { name: "Try again" }).click();
    await connected(ann);
  },

  "messages that are no longer kept are told to be missing": async (stage) => {
    const server = await stage.serve();
    await server.say("bob", "one");
    const ann = await stage.join(server.url, "ann");
    await ann.context().setOffline(true);
    await ann.locator("connection-chip[data-state=offline]").waitFor();
    const last = await server.say("bob", ...Array.from({ length: 10 }, (_, i) => `later ${i}`));
    await server.room.log.trim(last - 2, 1000);
    await ann.context().setOffline(false);
    await noted(ann, "7 messages sent while you were away are no longer kept.");
    assertEquals(await texts(ann), ["later 7", "later 8", "later 9"]);
  },

  "what was written before a reload goes out after it, once": async (stage) => {
    const server = await stage.serve();
    const ann = await stage.visit("about:blank");
    const block = await blockWebSocket(ann, false);
    await ann.goto(server.url);
    await comeIn(ann, "ann");
    block.off = false;
    const offline = (url: URL) => /^\/(events|poll|api)/.test(url.pathname);
    await ann.route(offline, (route) => route.abort());
    await ann.evaluate(() => dispatchEvent(new Event("offline")));
    await ann.locator("connection-chip:not([data-state=connected])").waitFor();
    await write(ann, "kept");
    await ann.reload();
    await ann.locator(".draft", { hasText: "Waiting to be sent" }).waitFor();
    await ann.unroute(offline);
    block.off = true;
    await sees(ann, "kept");
    await ann.reload();
    await connected(ann);
    assertEquals(await texts(ann), ["kept"]);
  },
});

/** No WebSocket gets through until `off`. */
async function blockWebSocket(page: Page, blocked = true): Promise<{ off: boolean }> {
  const block = { off: !blocked };
  await page.routeWebSocket("**/ws*", (socket) => {
    if (block.off) socket.connectToServer();
    else socket.close();
  });
  return block;
}

async function comeIn(page: Page, name: string): Promise<void> {
  await page.getByLabel("Your name").fill(name);
  await page.keyboard.press("Enter");
  await page.locator("#composer:focus").waitFor();
}

async function via(page: Page, way: string): Promise<void> {
  await page.locator(`connection-chip[title*="${way}"]`).waitFor();
}
