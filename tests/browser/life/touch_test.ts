import { assertEquals } from "@std/assert";
import type { Locator, Page } from "playwright-core";
import { browserTest, messages, sees, type Stage } from "../stage.ts";
import { violations } from "../axe.ts";
import { message, person, reacted } from "./people.ts";

const PHONE = { viewport: { width: 375, height: 700 }, hasTouch: true, isMobile: true } as const;

/** Rests a finger on the middle of an element until `seen` is there. */
async function longPress(page: Page, on: Locator, seen: Locator): Promise<void> {
  const { x, y, width, height } = (await on.boundingBox())!;
  const cdp = await page.context().newCDPSession(page);
  const touchPoints = [{ x: x + width / 2, y: y + height / 2 }];
  await cdp.send("Input.dispatchTouchEvent", { type: "touchStart", touchPoints });
  await seen.waitFor();
  await cdp.send("Input.dispatchTouchEvent", { type: "touchEnd", touchPoints: [] });
}

async function conversation(stage: Stage) {
  const server = await stage.serve();
  const bob = await person(server, "bob");
  const one = await bob.say("the question");
  await bob.react(one.seq, "👍");
  await bob.say("the answer", { re: one.seq });
  const gone = await bob.say("gone");
  await bob.remove(gone.seq);
  const edited = await bob.say("teh end");
  await bob.edit(edited.seq, "the end");
  return { server, bob, one, edited };
}

browserTest("What is done with a message, by finger and for all", {
  "a long press opens the menu, from which one reacts, answers and edits": async (stage) => {
    const { server, bob, one } = await conversation(stage);
    await using _bob = bob;
    const ann = await stage.join(server.url, "ann", PHONE);
    const menu = ann.getByRole("menu");
    await longPress(ann, message(ann, one.seq).locator(".text"), menu);
    await ann.getByRole("menuitem", { name: "Reply" }).waitFor();
    await ann.getByRole("menuitem", { name: "🎉" }).tap();
    await menu.waitFor({ state: "detached" });
    await reacted(message(ann, one.seq), "🎉", { count: 1, own: true });
    await longPress(ann, message(ann, one.seq).locator(".text"), menu);
    await ann.touchscreen.tap(180, 60);
    await menu.waitFor({ state: "detached" });
    await longPress(ann, message(ann, one.seq).locator(".text"), menu);
    await ann.getByRole("menuitem", { name: "Reply" }).tap();
    await ann.locator(".reply-bar", { hasText: "Replying to bob" }).waitFor();
    await ann.locator("#composer").fill("by finger");
    await ann.locator(".send").tap();
    await sees(ann, "by finger");
    const own = messages(ann).last();
    await own.locator(".quote", { hasText: "the question" }).waitFor();
    await longPress(ann, own.locator(".text"), menu);
    await ann.getByRole("menuitem", { name: "Edit" }).tap();
    await ann.getByLabel("Edit message").fill("by thumb");
    await ann.getByRole("button", { name: "Save" }).tap();
    await own.locator(".text", { hasText: "by thumb (edited)" }).waitFor();
    assertEquals(await own.locator(".actions").isVisible(), false, "buttons are for the pointer");
  },

  "the picker has what was chosen lately, and skin tones, in the language of the page": async (
    stage,
  ) => {
    const { server, bob, one } = await conversation(stage);
    await using _bob = bob;
    const ann = await stage.join(server.url, "ann");
    const pick = async (page: Page) => {
      await message(page, one.seq).focus();
      await page.keyboard.press("+");
    };
    await pick(ann);
    const dialog = ann.getByRole("dialog");
    await dialog.getByLabel("Skin tone").selectOption("4");
    await dialog.getByRole("searchbox").fill(":wave");
    await dialog.getByRole("button", { name: "waving hand" }).click();
    await reacted(message(ann, one.seq), "👋🏾", { count: 1, own: true });
    await ann.reload();
    await sees(ann, "the question");
    await pick(ann);
    await dialog.getByRole("region", { name: "Recent" }).getByRole("button", { name: "👋🏾" })
      .waitFor();
    assertEquals(await dialog.getByLabel("Skin tone").inputValue(), "4");
    await dialog.getByRole("searchbox").fill("no such thing");
    await dialog.getByText("No emoji for").waitFor();
    await ann.keyboard.press("Escape");
    await message(ann, one.seq).and(ann.locator(":focus")).waitFor();
    const korean = await stage.visit(server.url, { locale: "ko-KR" });
    await korean.locator("name-form input").fill("지우");
    await korean.keyboard.press("Enter");
    await korean.locator("#composer:focus").waitFor();
    await pick(korean);
    await korean.getByRole("searchbox").fill("파티");
    await korean.getByRole("dialog").getByRole("button", { name: "파티", exact: true }).waitFor();
  },

  "axe finds nothing, in each state, on a phone and in the dark": async (stage) => {
    const { server, bob, one } = await conversation(stage);
    await using _bob = bob;
    for (const options of [{ colorScheme: "dark" }, PHONE] as const) {
      const name = "colorScheme" in options ? "ann" : "carl";
      const page = await stage.join(server.url, name, { ...options, bypassCSP: true });
      const check = async (state: string) =>
        assertEquals(await violations(page), [], `${name}, ${state}`);
      await page.locator("#composer").fill("own words");
      await page.locator(".send").click();
      await page.locator("chat-message.mine", { hasText: "own words" }).waitFor();
      const own = page.locator("chat-message.mine");
      await check("a conversation");
      await message(page, one.seq).focus();
      await page.keyboard.press("Enter");
      await page.getByRole("menu").waitFor();
      await check("the menu");
      await page.keyboard.press("Escape");
      await page.keyboard.press("+");
      await page.getByRole("dialog").getByRole("region").nth(3).waitFor();
      await page.getByRole("searchbox").fill("heart"); // of 1,900 emoji it takes long
      await page.getByRole("dialog").getByText("results").waitFor();
      await check("the picker");
      await page.keyboard.press("Escape");
      await page.keyboard.press("r");
      await check("an answer");
      await own.focus();
      await page.keyboard.press("e");
      await page.getByLabel("Edit message").waitFor();
      await check("the editor");
      await page.keyboard.press("Escape");
      await page.keyboard.press("Delete");
      await own.getByRole("button", { name: "Undo" }).waitFor();
      await check("a deletion that can be undone");
    }
  },
});
