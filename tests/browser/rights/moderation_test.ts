import { assertEquals, assertMatch } from "@std/assert";
import type { Page } from "playwright-core";
import { makeOperator } from "../../../lib/moderation/mod.ts";
import { violations } from "../axe.ts";
import { browserTest, connected, noted, sees, type Stage, write } from "../stage.ts";

/** A room with an operator, ann, at a page of her own. */
async function open(stage: Stage) {
  const server = await stage.serve();
  const { token } = await makeOperator(server.data, "ann");
  return { server, token, url: server.url };
}

/** Becomes the operator, as a person does who was given the token. */
async function become(page: Page, token: string): Promise<void> {
  await page.getByRole("button", { name: "Settings" }).click();
  await page.getByLabel("Operator token").fill(token);
  await page.getByRole("button", { name: "Use" }).click();
  await page.locator("people-panel .self .badge").waitFor();
  await connected(page);
}

browserTest("The page, and operators", {
  "a token makes an operator of the page, who sees a menu at names and messages": async (stage) => {
    const { token, url } = await open(stage);
    const eve = await stage.join(url, "eve");
    await write(eve, "spam");
    const ann = await stage.join(url, "carl");
    assertEquals(await ann.locator(".moderate").count(), 0);
    await become(ann, token);
    await ann.getByRole("complementary").getByRole("button", { name: "Moderate eve" }).waitFor();
    // By the keyboard, from the message.
    await ann.locator("chat-message").focus();
    await ann.keyboard.press("Enter");
    await ann.getByRole("menuitem", { name: "Moderate eve" }).press("Enter");
    const menu = ann.getByRole("dialog", { name: "Moderate eve" });
    await menu.getByRole("button", { name: "Ban" }).waitFor();
    await ann.keyboard.press("Escape");
    await menu.waitFor({ state: "hidden" });
    await eve.locator("people-panel .badge").waitFor(); // eve sees who it is
    assertEquals(await eve.locator(".moderate").count(), 0);
  },

  "somebody who is muted sees why and until when, and cannot write until it is over": async (
    stage,
  ) => {
    const { token, url } = await open(stage);
    const eve = await stage.join(url, "eve");
    const ann = await stage.join(url, "carl");
    await become(ann, token);
    await ann.getByRole("button", { name: "Moderate eve" }).click();
    await ann.getByLabel("Reason (optional)").fill("too loud");
    await ann.getByLabel("For how long").selectOption("10m");
    await ann.getByRole("button", { name: "Mute", exact: true }).click();
    const note = eve.locator(".composer-note");
    await note.getByText("You cannot write until").waitFor();
    assertMatch(await note.innerText(), /Reason: too loud$/);
    assertEquals(await eve.locator("#composer").isDisabled(), true);
    await noted(eve, "ann muted eve until");
    await eve.reload();
    await note.getByText("too loud").waitFor();
    await write(ann, "/unmute eve");
    await eve.locator("#composer:enabled").waitFor();
    await write(eve, "sorry");
    await sees(ann, "sorry");
  },

  "in slow mode the composer counts down, and an operator's does not": async (stage) => {
    const { token, url } = await open(stage);
    const eve = await stage.join(url, "eve");
    const ann = await stage.join(url, "carl");
    await become(ann, token);
    await write(ann, "/slow 8");
    await noted(eve, "ann set slow mode: one message in 8 s.");
    await write(eve, "one");
    await eve.getByText(/^Slow mode: you can send again in \d s$/).waitFor();
    await eve.locator("#composer").fill("two");
    assertEquals(await eve.getByRole("button", { name: "Send" }).isDisabled(), true);
    await eve.locator(".composer-note").waitFor({ state: "hidden" });
    await eve.keyboard.press("Enter");
    await sees(ann, "two");
    await write(ann, "three");
    await write(ann, "four");
    await sees(eve, "four");
    assertEquals(await ann.locator(".composer-note").isVisible(), false);
  },

  "the topic is in the bar, with scripts and without, and what was before stays in order": async (
    stage,
  ) => {
    const { token, url } = await open(stage);
    const eve = await stage.join(url, "eve");
    await write(eve, "before");
    const ann = await stage.join(url, "carl");
    await become(ann, token);
    await write(ann, "/topic Tea and <b>cake</b>");
    await eve.locator(".topic").getByText("Tea and <b>cake</b>").waitFor();
    await noted(eve, "ann set the topic: Tea and <b>cake</b>");
    await write(eve, "after");
    await sees(ann, "after");
    await eve.reload();
    await connected(eve);
    assertEquals(await eve.locator(".topic").innerText(), "Tea and <b>cake</b>");
    assertEquals(await eve.locator("chat-message .text").allTextContents(), ["before", "after"]);
    assertMatch(await eve.locator(".start").innerText(), /^This is the beginning of lobby/);
    const plain = await stage.visit(url, { javaScriptEnabled: false });
    await plain.locator(".topic").getByText("Tea and <b>cake</b>").waitFor();
    await write(ann, "/topic -");
    await noted(eve, "ann removed the topic.");
    assertEquals(await eve.locator(".topic").isVisible(), false);
  },

  "somebody who is kicked is told, and waits": async (stage) => {
    const { token, url } = await open(stage);
    const eve = await stage.join(url, "eve");
    const ann = await stage.join(url, "carl");
    await become(ann, token);
    await write(ann, "/kick eve calm down");
    await noted(eve, "You were removed from the room.");
    await noted(eve, "Reason: calm down");
    await eve.locator("connection-chip[data-state=waiting]").waitFor();
    await noted(ann, "ann removed eve. Reason: calm down");
  },

  "somebody who is banned sees that, why and until when, and nothing else; also after a reload":
    async (stage) => {
      const { token, url } = await open(stage);
      const eve = await stage.join(url, "eve");
      await write(eve, "spam");
      const ann = await stage.join(url, "carl");
      await become(ann, token);
      await ann.setViewportSize({ width: 375, height: 700 });
      await ann.locator("chat-message").hover();
      await ann.getByRole("button", { name: "More actions" }).click();
      await ann.getByRole("menuitem", { name: "Moderate eve" }).click();
      await ann.getByLabel("Reason (optional)").fill("spam");
      await ann.getByRole("button", { name: "Ban" }).click();
      for (const again of [false, true]) {
        if (again) await eve.reload();
        const notice = eve.getByRole("alert").filter({ hasText: "You are banned" });
        await notice.getByRole("heading", { name: "You are banned from this room" }).waitFor();
        assertMatch(await notice.innerText(), /You are banned until .*\. Reason: spam$/);
        assertEquals(await eve.locator("#composer").isVisible(), false);
      }
      await noted(ann, "ann banned eve until");
    },

  "axe finds nothing, for operators and for who is muted or banned": async (stage) => {
    const { token, url } = await open(stage);
    const eve = await stage.join(url, "eve", { bypassCSP: true });
    await write(eve, "spam");
    const ann = await stage.join(url, "carl", { bypassCSP: true, colorScheme: "dark" });
    await become(ann, token);
    await write(ann, "/topic Tea");
    assertEquals(await violations(ann), []);
    await ann.getByRole("complementary").getByRole("button", { name: "Moderate eve" }).click();
    assertEquals(await violations(ann), []);
    await ann.getByRole("button", { name: "Mute", exact: true }).click();
    await eve.locator("#composer:disabled").waitFor();
    assertEquals(await violations(eve), []);
    await write(ann, "/ban eve");
    await eve.getByRole("heading", { name: "You are banned from this room" }).waitFor();
    assertEquals(await violations(eve), []);
  },
});
