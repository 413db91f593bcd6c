import { assert, assertEquals } from "@std/assert";
import type { Page } from "playwright-core";
import { say } from "../../../lib/view/strings/all.ts";
import { type Language, LANGUAGES } from "../../../lib/view/strings/language.ts";
import { NO_LIMITS } from "../../../lib/limits/mod.ts";
import { violations } from "../axe.ts";
import {
  browserTest,
  connected,
  noted,
  type RoomServer,
  sees,
  type Stage,
  write,
} from "../stage.ts";

const PASSWORD = "open sesame";
const SECRET = "the treasure is in the cave";

/** A room with a password and one message. */
async function serve(stage: Stage, options: Parameters<Stage["serve"]>[0] = {}) {
  const server = await stage.serve({
    ...options,
    access: { password: PASSWORD, ...options.access },
  });
  await server.room.log.append([{ sender: "s", from: "alibaba", text: SECRET }]);
  return server;
}

function dialog(page: Page) {
  return page.getByRole("dialog", { name: "This room has a password" });
}

function field(page: Page) {
  return page.getByRole("textbox", { name: "Password" });
}

async function give(page: Page, password: string): Promise<void> {
  await field(page).fill(password);
  await page.keyboard.press("Enter");
}

/** Says something as somebody who has the password. */
async function tell(server: RoomServer, text: string): Promise<void> {
  const authorization = `Basic ${btoa(`bob:${PASSWORD}`)}`;
  const headers = { authorization, "content-type": "text/plain" };
  const response = await fetch(`${server.url}api/messages`, {
    method: "POST",
    headers,
    body: text,
  });
  await response.body?.cancel();
  assertEquals(response.status, 201);
}

browserTest("The page of a room with a password", {
  "shows nothing before the password, says what is wrong with it, and then is as always": async (
    stage,
  ) => {
    const server = await serve(stage);
    const page = await stage.visit(server.url);
    await dialog(page).waitFor();
    assert(!(await page.content()).includes("treasure"));
    assert(!(await page.content()).includes("alibaba"));
    // All by the keyboard: the field has the focus, and the dialog does not go away.
    await page.locator("#password:focus").waitFor();
    for (const key of ["Escape", "Escape"]) await page.keyboard.press(key);
    await page.mouse.click(5, 5);
    await dialog(page).waitFor();
    assertEquals(await violations(page), []);
    await give(page, "close sesame");
    await page.getByRole("alert").getByText("That is not the password.").waitFor();
    assertEquals(await field(page).getAttribute("aria-invalid"), "true");
    assertEquals(await violations(page), []);
    // What was wrong is selected: one types over it.
    await page.keyboard.type(PASSWORD);
    await page.keyboard.press("Enter");
    await sees(page, SECRET);
    await page.getByLabel("Your name").fill("ann");
    await tell(server, "before I have a name");
    await sees(page, "before I have a name");
    await page.keyboard.press("Enter");
    await page.locator("#composer:focus").waitFor();
    await write(page, "found it");
    await sees(page, "found it");
    await page.reload();
    await sees(page, "found it");
    assertEquals(await page.locator("dialog[open]").count(), 0);
  },

  "too many wrong ones are told when to try again": async (stage) => {
    const limits = { ...NO_LIMITS, attempts: { perSecond: 1 / 60, burst: 1 } };
    const { url } = await serve(stage, { limits });
    const page = await stage.visit(url);
    await give(page, "close sesame");
    await page.getByText("That is not the password.").waitFor();
    await give(page, PASSWORD);
    await page.getByText(/Too many wrong passwords. Try again in \d+ s./).waitFor();
  },

  "asks in each of its languages": async (stage) => {
    const { url } = await serve(stage);
    for (const language of Object.keys(LANGUAGES) as Language[]) {
      const page = await stage.visit(url, { locale: language });
      const name = say(language, "locked");
      await page.getByRole("dialog", { name }).getByText(say(language, "lockedHint")).waitFor();
      await page.getByRole("textbox", { name: say(language, "password") }).fill("close sesame");
      await page.getByRole("button", { name: say(language, "unlock") }).click();
      await page.getByText(say(language, "wrongPassword")).waitFor();
    }
  },

  "asks again where the password has changed, and goes on as the same person": async (stage) => {
    const server = await serve(stage);
    const page = await stage.visit(server.url);
    await give(page, PASSWORD);
    await page.getByLabel("Your name").fill("ann");
    await page.keyboard.press("Enter");
    await write(page, "found it");
    await sees(page, "found it");
    await server.close();
    server.change({ access: { password: "close sesame" } });
    await server.open();
    await dialog(page).waitFor();
    await give(page, "close sesame");
    await connected(page);
    await sees(page, "found it");
    await page.locator("people-panel .self", { hasText: "ann" }).waitFor();
  },

  "works without JavaScript": async (stage) => {
    const { url } = await serve(stage);
    const page = await stage.visit(url, { javaScriptEnabled: false });
    assert(!(await page.content()).includes("treasure"));
    await page.getByLabel("Password").fill(PASSWORD);
    await page.getByRole("button", { name: "Enter" }).click();
    await sees(page, SECRET);
    assertEquals(await page.getByLabel("Password").count(), 1);
    assertEquals(await page.getByLabel("Password").isVisible(), false);
    await page.getByLabel("Message", { exact: true }).fill("no scripts here");
    await page.getByRole("button", { name: "Send" }).click();
    await sees(page, "no scripts here");
  },
});

browserTest("The page for somebody who may only read", {
  "shows what is said, and a button for the password in the place of the field": async (stage) => {
    const server = await serve(stage, { access: { readOnlyGuests: true } });
    const page = await stage.visit(server.url);
    await sees(page, SECRET);
    await connected(page);
    await page.getByText("You can read here. Writing needs the password.").waitFor();
    assertEquals(await page.locator("#composer").isVisible(), false);
    assertEquals(await page.locator("name-form").isVisible(), false);
    await tell(server, "hello out there");
    await sees(page, "hello out there");
    assertEquals(server.room.people.count, 0);
    assertEquals(await violations(page), []);
    // The key for the field for messages leads to what stands in its place.
    await page.keyboard.press("Alt+c");
    await page.keyboard.press("Enter");
    await dialog(page).waitFor();
    await page.locator("#password:focus").waitFor();
    assertEquals(await violations(page), []);
    await page.keyboard.press("Escape");
    await dialog(page).waitFor({ state: "hidden" });
    await page.getByRole("button", { name: "Enter the password" }).click();
    await give(page, PASSWORD);
    await page.getByLabel("Your name").fill("ann");
    await page.keyboard.press("Enter");
    await write(page, "and hello to you");
    await sees(page, "and hello to you");
  },

  "does not ask for a name that was chosen when one could write": async (stage) => {
    const server = await serve(stage);
    const page = await stage.visit(server.url);
    await give(page, PASSWORD);
    await page.getByLabel("Your name").fill("ann");
    await page.keyboard.press("Enter");
    await page.locator("#composer:focus").waitFor();
    await server.close();
    server.change({ access: { password: "close sesame", readOnlyGuests: true } });
    await server.open();
    await page.reload();
    await page.getByRole("button", { name: "Enter the password" }).waitFor();
    await connected(page);
    // The page before the reload came back to the server on its own; its person leaves after a while.
    while (server.room.people.count > 0) await page.waitForTimeout(20);
  },

  "offers no search where there is none": async (stage) => {
    const { url } = await stage.serve({ access: { search: false } });
    const page = await stage.join(url, "ann");
    assertEquals(await page.getByRole("button", { name: "Search" }).isVisible(), false);
    await page.keyboard.press("Control+k");
    await page.keyboard.type("/se");
    assertEquals(await page.locator("#suggestions li").count(), 0);
    await page.keyboard.type("arch x");
    await page.keyboard.press("Enter");
    await noted(page, "There is no command /search.");
    await write(page, "/help");
    await page.locator("dl.help", { hasText: "/who" }).waitFor();
    assert(!(await page.locator("dl.help").textContent())!.includes("/search"));
    await page.keyboard.press("Control+/");
    await page.locator("dialog.shortcuts").waitFor();
    assert(!(await page.locator("dialog.shortcuts").textContent())!.includes("Search"));
  },
});
