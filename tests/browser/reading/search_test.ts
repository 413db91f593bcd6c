import { assert, assertEquals } from "@std/assert";
import { browserTest, sees } from "../stage.ts";

browserTest("Searching on the page", {
  "words are found without their accents, and marked with them": async (stage) => {
    const server = await stage.serve();
    await server.say("bob", "im Café noir", "tea");
    const ann = await stage.join(server.url, "ann");
    await ann.keyboard.press("Control+k");
    await ann.keyboard.type("cafe");
    const hit = ann.locator("#hits li");
    await hit.waitFor();
    assertEquals(await hit.locator("mark").textContent(), "Café");
  },

  "a person and days narrow it, and what is no day is said": async (stage) => {
    const server = await stage.serve();
    await server.say("bob", "tea for two");
    await server.say("cy", "tea for one");
    const ann = await stage.join(server.url, "ann");
    await ann.keyboard.press("Control+k");
    const field = ann.getByRole("combobox", { name: "Search messages" });
    await field.fill("tea from:bob");
    await ann.getByText("1 result", { exact: true }).waitFor();
    assertEquals(await ann.locator("#hits li b").allTextContents(), ["bob"]);
    // The days of whoever reads, in Berlin.
    const day = await ann.evaluate(() => {
      const two = (n: number) => String(n).padStart(2, "0");
      const now = new Date();
      return `${now.getFullYear()}-${two(now.getMonth() + 1)}-${two(now.getDate())}`;
    });
    await field.fill(`from:cy after:${day}`);
    await ann.locator("#hits li", { hasText: "tea for one" }).waitFor();
    await ann.getByText("1 result", { exact: true }).waitFor();
    await field.fill(`tea before:${day}`);
    await ann.getByText(/No results/).waitFor();
    await field.fill("tea before:yesterday");
    await ann.getByText("A day is written like this: before:2026-11-01").waitFor();
    assertEquals(await ann.locator("#hits li").count(), 0);
  },

  "a day is a jump to its first message, or to the next there is": async (stage) => {
    const server = await stage.serve();
    await server.say("bob", ...Array.from({ length: 120 }, (_, i) => `line ${i}`));
    const ann = await stage.join(server.url, "ann");
    await sees(ann, "line 119");
    await ann.keyboard.press("Control+k");
    await ann.getByLabel("Go to a day").fill("2020-02-29");
    await ann.getByRole("button", { name: "Go", exact: true }).click();
    await ann.locator("chat-message.marked", { hasText: "line 0" }).waitFor();
    assertEquals(await ann.locator("dialog.search[open]").count(), 0);
    assert(await ann.evaluate(() => location.hash === "#1"));
  },
});
