import { assert, assertEquals, assertMatch } from "@std/assert";
import { browserTest, messages, sees, setHidden } from "../stage.ts";

const CODE = 'see\n```js\nconst n = "<b>1</b>"; // one\n```';

browserTest("What people write, as it is read", {
  "a quote, a list and what was struck out are what they are, from the first paint": async (
    stage,
  ) => {
    const server = await stage.serve();
    await server.say("bob", "> said *before*\nyes\n- one\n- two\n  1. inside\n~~no~~");
    for (const javaScriptEnabled of [false, true]) {
      const page = await stage.visit(server.url, { javaScriptEnabled });
      const text = messages(page).locator(".text");
      assertEquals(await text.locator("blockquote em").textContent(), "before");
      assertEquals(await text.locator("> ul > li").count(), 2);
      assertEquals(await text.locator("ul ol li").textContent(), "inside");
      assertEquals(await text.locator("s").textContent(), "no");
    }
  },

  "the number of a message leads to it in place, and a link says where it leads": async (stage) => {
    const server = await stage.serve();
    await server.say("bob", "the first", "see #1, not #3", "[my bank](https://evil.example/login)");
    const ann = await stage.join(server.url, "ann");
    const link = ann.getByRole("link", { name: "my bank" });
    assertEquals(await link.textContent(), "my bankevil.example");
    assert(await link.getByText("evil.example").isVisible());
    assertEquals(await link.getAttribute("title"), "https://evil.example/login");
    await ann.getByRole("link", { name: "#1", exact: true }).click();
    await ann.locator("chat-message.marked", { hasText: "the first" }).waitFor();
    assertEquals(await ann.getByRole("link", { name: "#3" }).count(), 0);
    assertEquals(ann.context().pages().length, 1);
  },

  "code is copied by its button, and coloured once its language is loaded": async (stage) => {
    const server = await stage.serve();
    await server.say("bob", CODE);
    const ann = await stage.join(server.url, "ann", {
      permissions: ["clipboard-read", "clipboard-write"],
    });
    const block = ann.locator("code-block");
    await block.locator(".hljs-keyword", { hasText: "const" }).waitFor();
    // Coloured or not, it is the text that was written, and nothing in it is a part of the page.
    assertEquals(await block.locator("code").textContent(), 'const n = "<b>1</b>"; // one');
    assertEquals(await block.locator("b").count(), 0);
    await block.hover();
    await block.getByRole("button", { name: "Copy" }).click();
    await block.getByRole("button", { name: "Copied" }).waitFor();
    assertEquals(
      await ann.evaluate(() => navigator.clipboard.readText()),
      'const n = "<b>1</b>"; // one',
    );
  },

  "colours are loaded with the first block that names its language, and not before": async (
    stage,
  ) => {
    const server = await stage.serve();
    await server.say("bob", "```\nno language\n```");
    const ann = await stage.join(server.url, "ann");
    const loaded = () =>
      ann.evaluate(() => performance.getEntriesByType("resource").map(({ name }) => name));
    assert(!(await loaded()).some((name) => name.includes("/colours")));
    await server.say("bob", "```py\nprint('x')\n```", "```nonsense\nas it is\n```");
    await ann.locator(".hljs-string").waitFor();
    assertEquals((await loaded()).filter((name) => name.includes("/colours")).length, 1);
    await sees(ann, "as it is");
    assertMatch((await loaded()).find((name) => name.includes("/colours"))!, /\/_\/\w+\//);
  },

  "the title tells a mention from other news": async (stage) => {
    const server = await stage.serve();
    const ann = await stage.join(server.url, "ann");
    await setHidden(ann, true);
    for (
      const [text, title] of [["hi", "(1) lobby"], ["@ann!", "@ (2) lobby"], ["so", "@ (3) lobby"]]
    ) {
      await server.say("bob", text!);
      await sees(ann, text!);
      assertEquals(await ann.title(), title);
    }
    await setHidden(ann, false);
    assertEquals(await ann.title(), "lobby");
    await setHidden(ann, true);
    await server.say("bob", "later");
    await sees(ann, "later");
    assertEquals(await ann.title(), "(1) lobby");
  },

  "everybody's mention is seen, and one's own more": async (stage) => {
    const server = await stage.serve();
    await server.say("bob", "@ann and @林小雨: look");
    const ann = await stage.join(server.url, "ann");
    assertEquals(await ann.locator("mark.mention").textContent(), "@ann");
    assertEquals(await ann.locator(".mention-other").textContent(), "@林小雨");
    const ground = (selector: string) =>
      ann.locator(selector).evaluate((element) => getComputedStyle(element).backgroundColor);
    const [own, other] = [await ground("mark.mention"), await ground(".mention-other")];
    assert(own !== other && other !== "rgba(0, 0, 0, 0)", `${own} ${other}`);
  },
});
