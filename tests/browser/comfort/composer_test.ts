import { assert, assertEquals } from "@std/assert";
import type { Page } from "playwright-core";
import { browserTest, connected, messages, sees, write } from "../stage.ts";

browserTest("The page, for a writer", {
  "what Escape cleared comes back, by Up or by undoing; then Up is for the last message again":
    async (stage) => {
      const { url } = await stage.serve();
      const ann = await stage.join(url, "ann");
      await write(ann, "said");
      await sees(ann, "said");
      await ann.keyboard.type("a long thought");
      await ann.keyboard.press("Escape");
      await written(ann, "");
      await ann.keyboard.press("ArrowUp");
      await written(ann, "a long thought");
      await ann.keyboard.press("Escape");
      await written(ann, "");
      await ann.keyboard.press("Control+z");
      await written(ann, "a long thought");
      await ann.keyboard.press("Enter");
      await sees(ann, "a long thought");
      await written(ann, "");
      await ann.keyboard.type("x");
      await ann.keyboard.press("Escape");
      await ann.keyboard.type("y");
      await ann.keyboard.press("Backspace");
      await ann.keyboard.press("ArrowUp");
      // What was cleared before the last thing that was typed is too old.
      assert(await ann.locator("#composer").inputValue() !== "x");
    },

  "Escape closes what lies over the text first: the suggestions, the people": async (stage) => {
    const { url } = await stage.serve();
    await stage.join(url, "bob");
    const ann = await stage.join(url, "ann", { viewport: { width: 360, height: 640 } });
    await ann.keyboard.type("hello @b");
    await ann.getByRole("option", { name: "bob" }).waitFor();
    await ann.keyboard.press("Escape");
    await ann.locator("#suggestions").waitFor({ state: "hidden" });
    await written(ann, "hello @b");
    await ann.getByRole("button", { name: "People: 2" }).click();
    await ann.locator("people-panel button:focus").waitFor();
    await written(ann, "hello @b");
    await ann.keyboard.press("Alt+c");
    await ann.locator("#composer:focus").waitFor();
    await ann.locator("people-panel").waitFor();
    await ann.keyboard.press("Escape");
    await ann.locator("people-panel").waitFor({ state: "hidden" });
    await ann.locator("#composer:focus").waitFor();
    await written(ann, "hello @b");
    await ann.keyboard.press("Escape");
    await written(ann, "");
  },

  "Enter sends where a name stands in full, and where nobody was chosen; else it completes": async (
    stage,
  ) => {
    const { url } = await stage.serve();
    for (const name of ["bob", "bobby", "bob lee"]) await stage.join(url, name);
    const ann = await stage.join(url, "ann");
    const offered = (...names: string[]) =>
      ann.waitForFunction(
        (names) =>
          [...document.querySelectorAll("#suggestions:not([hidden]) li")].map((option) =>
            option.textContent
          ).join() === names,
        names.join(),
      );
    await ann.keyboard.type("@bob");
    await offered("bob", "bob lee", "bobby");
    assertEquals(await ann.locator("#suggestions [aria-selected=true]").count(), 0);
    await ann.keyboard.press("Enter");
    await sees(ann, "@bob");
    await ann.keyboard.type("at @");
    await offered("bob", "bob lee", "bobby");
    assertEquals(await ann.locator("#composer").getAttribute("aria-activedescendant"), null);
    await ann.keyboard.press("Enter");
    await sees(ann, "at @");
    await ann.keyboard.type("@bob l");
    await offered("bob lee");
    await ann.keyboard.press("ArrowDown");
    await ann.keyboard.press("Enter");
    await written(ann, "@bob lee ");
    await ann.keyboard.type("and @bobb");
    await offered("bobby");
    await ann.keyboard.press("Enter");
    await written(ann, "@bob lee and @bobby ");
    await ann.keyboard.press("Enter");
    await sees(ann, "@bob lee and @bobby");
    assertEquals(await messages(ann).count(), 3);
  },

  "each tab has a draft of its own; what a closed one left is in the next that is opened": async (
    stage,
  ) => {
    const { url } = await stage.serve();
    const one = await stage.join(url, "ann");
    await one.keyboard.type("in the first");
    const two = await one.context().newPage();
    await two.goto(url);
    await connected(two);
    await written(two, "");
    await two.locator("#composer").fill("in the second");
    await one.reload();
    await connected(one);
    await written(one, "in the first");
    await two.reload();
    await connected(two);
    await written(two, "in the second");
    await two.close({ runBeforeUnload: true });
    await one.waitForFunction(() => localStorage.getItem("partyline.draft") === "in the second");
    const three = await one.context().newPage();
    await three.goto(url);
    await connected(three);
    await written(three, "in the second");
    const four = await one.context().newPage();
    await four.goto(url);
    await connected(four);
    await written(four, "");
  },

  "a text that is far too long is told to be so, and nothing of it is cut": async (stage) => {
    const { url } = await stage.serve();
    const ann = await stage.join(url, "ann");
    const pasted = "🎉".repeat(30_000);
    await ann.evaluate((pasted) => document.execCommand("insertText", false, pasted), pasted);
    await ann.getByText("26000 over the limit").waitFor();
    await written(ann, pasted);
    await ann.keyboard.press("Enter");
    await ann.locator(".send:disabled").waitFor();
    assertEquals(await ann.locator("chat-message").count(), 0);
  },

  "on a phone Enter makes a line and the button sends; with a real keyboard Control+Enter does":
    async (stage) => {
      const { url } = await stage.serve();
      const ann = await stage.join(url, "ann", PHONE);
      assertEquals(await ann.locator("#composer").getAttribute("enterkeyhint"), "enter");
      await ann.keyboard.type("one");
      await ann.keyboard.press("Enter");
      await ann.keyboard.type("two");
      await written(ann, "one\ntwo");
      await ann.getByRole("button", { name: "Send" }).tap();
      await sees(ann, "one\ntwo");
      await ann.keyboard.type("three");
      await ann.keyboard.press("Control+Enter");
      await sees(ann, "three");
    },
});

const PHONE = { viewport: { width: 375, height: 720 }, isMobile: true, hasTouch: true };

/** Resolves when this stands in the field. */
async function written(page: Page, text: string): Promise<void> {
  await page.waitForFunction(
    (text) => document.querySelector<HTMLTextAreaElement>("#composer")!.value === text,
    text,
  );
}
