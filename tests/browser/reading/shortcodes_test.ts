import { assert, assertEquals } from "@std/assert";
import { browserTest, sees, write } from "../stage.ts";

browserTest("Emoji by their codes", {
  "a code is completed, closed by its second colon, and sent as its emoji": async (stage) => {
    const server = await stage.serve();
    const ann = await stage.join(server.url, "ann");
    const field = ann.locator("#composer");
    await ann.keyboard.type("so :tad");
    await ann.getByRole("option", { name: "🎉 :tada:" }).waitFor();
    await ann.keyboard.press("Enter");
    assertEquals(await field.inputValue(), "so 🎉 ");
    await ann.keyboard.type("and :+1:");
    assertEquals(await field.inputValue(), "so 🎉 and 👍");
    await write(ann, "`:tada:` is :tada:, 12:30:15");
    await sees(ann, ":tada: is 🎉, 12:30:15");
  },

  "what is sent before the list is there waits for it, and the list is not in the first load":
    async (stage) => {
      const server = await stage.serve();
      const ann = await stage.join(server.url, "ann");
      const asked: string[] = [];
      const gate = Promise.withResolvers<void>();
      await ann.route("**/emoji-en.json", async (route) => {
        asked.push(route.request().url());
        await gate.promise;
        await route.continue();
      });
      await write(ann, "no code");
      await sees(ann, "no code");
      assertEquals(asked, []);
      await write(ann, "hello :wave:");
      await ann.locator("#composer").press("Enter"); // once more, impatiently
      gate.resolve();
      await sees(ann, "hello 👋");
      assertEquals(await ann.locator("#composer").inputValue(), "");
      assertEquals(await ann.locator("chat-message").count(), 2);
    },

  "without the list the code is sent as it was typed": async (stage) => {
    const server = await stage.serve();
    const ann = await stage.join(server.url, "ann");
    await ann.route("**/emoji-en.json", (route) => route.abort());
    await write(ann, "hello :wave:");
    await sees(ann, "hello :wave:");
    assert(await ann.locator("#composer").isEnabled());
  },
});
