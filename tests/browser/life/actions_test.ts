import { assert, assertEquals } from "@std/assert";
import { browserTest, sees, write } from "../stage.ts";
import { message, person, reacted, reaction } from "./people.ts";

browserTest("What is done with a message", {
  "with the mouse: reply, edit, react, delete and undo, from the buttons and the menu": async (
    stage,
  ) => {
    const server = await stage.serve();
    const first = await server.say("bob", "shall we?");
    const ann = await stage.join(server.url, "ann");
    await write(ann, "yes pleas");
    await sees(ann, "yes pleas");
    const asked = message(ann, first);
    const own = message(ann, first + 1);
    await asked.hover();
    assertEquals(await asked.getByRole("button", { name: "Edit" }).count(), 0, "it is bob's");
    await asked.getByRole("button", { name: "Reply" }).click();
    await ann.locator(".reply-bar", { hasText: "Replying to bob" }).waitFor();
    await write(ann, "at noon");
    const answer = message(ann, first + 2);
    await answer.locator(".quote", { hasText: "shall we?" }).waitFor();
    assertEquals(await ann.locator(".reply-bar").isVisible(), false);

    await own.hover();
    await own.getByRole("button", { name: "Edit" }).click();
    await ann.getByLabel("Edit message").fill("yes please");
    await ann.getByRole("button", { name: "Save" }).click();
    await own.locator(".text", { hasText: /^yes please \(edited\)$/ }).waitFor();
    assert((await own.locator(".edited").getAttribute("title"))!.startsWith("Edited "));

    await asked.hover();
    await asked.getByRole("button", { name: "Add a reaction" }).click();
    await ann.getByRole("searchbox", { name: "Search emoji" }).fill("thumbs up");
    await ann.getByRole("button", { name: "thumbs up" }).click();
    await reacted(asked, "👍", { count: 1, own: true });
    await reaction(asked, "👍").click();
    await reaction(asked, "👍").waitFor({ state: "detached" });

    await own.hover();
    await own.getByRole("button", { name: "More actions" }).click();
    await ann.getByRole("menuitem", { name: "Delete" }).click();
    await own.getByText("Message deleted").waitFor();
    await own.getByRole("button", { name: "Undo" }).click();
    await own.locator(".text", { hasText: "yes please" }).waitFor();
  },

  "by the keyboard: the arrows lead to a message, and keys or the menu do the rest": async (
    stage,
  ) => {
    const server = await stage.serve();
    const first = await server.say("bob", "one");
    const ann = await stage.join(server.url, "ann");
    await write(ann, "two");
    await sees(ann, "two");
    const [one, two] = [message(ann, first), message(ann, first + 1)];
    const focused = (row: typeof one) => row.and(ann.locator(":focus")).waitFor();
    await ann.keyboard.press("Control+ArrowUp");
    await focused(two);
    await ann.keyboard.press("e");
    await ann.getByLabel("Edit message").waitFor();
    await ann.keyboard.press("ArrowUp");
    assertEquals(await ann.locator("textarea:focus").count(), 1, "an arrow is for the field");
    await ann.keyboard.type("!");
    await ann.keyboard.press("Escape");
    await focused(two);
    assertEquals(await two.locator(".text").textContent(), "two");
    await ann.keyboard.press("ArrowUp");
    await focused(one);
    await ann.keyboard.press("+");
    await ann.getByRole("dialog", { name: "Add a reaction" }).waitFor();
    await ann.keyboard.type("tada");
    await ann.getByRole("dialog").getByRole("button", { name: "party popper" }).waitFor();
    await ann.keyboard.press("Enter");
    await reacted(one, "🎉", { count: 1, own: true });
    await focused(one);
    await ann.keyboard.press("Enter");
    const menu = ann.getByRole("menu", { name: "Actions for the message by bob" });
    await menu.getByRole("menuitem", { name: "Reply" }).and(ann.locator(":focus")).waitFor();
    assertEquals(await menu.getByRole("menuitem", { name: "Delete" }).count(), 0, "it is bob's");
    await ann.keyboard.press("ArrowUp");
    await ann.keyboard.press("ArrowRight");
    await ann.keyboard.press("Escape");
    await menu.waitFor({ state: "detached" });
    await focused(one);
    await ann.keyboard.press("r");
    await ann.locator("#composer:focus").waitFor();
    await ann.keyboard.press("Escape");
    await ann.locator(".reply-bar").waitFor({ state: "hidden" });
    await ann.keyboard.press("Control+ArrowUp");
    await focused(two);
    await ann.keyboard.press("Delete");
    await two.getByText("Message deleted").waitFor();
    await focused(two);
    await ann.keyboard.press("Control+z");
    await two.getByText("two", { exact: true }).waitFor();
  },

  "Up in an empty field edits the last own message in its place, and Escape leaves it": async (
    stage,
  ) => {
    const server = await stage.serve();
    const ann = await stage.join(server.url, "ann");
    await write(ann, "first try");
    await sees(ann, "first try");
    await server.say("bob", "and?");
    await sees(ann, "and?");
    await ann.keyboard.press("ArrowUp");
    const field = ann.getByLabel("Edit message");
    await field.and(ann.locator(":focus")).waitFor();
    assertEquals(await field.inputValue(), "first try");
    await ann.keyboard.press("Escape");
    await ann.locator("#composer:focus").waitFor();
    assertEquals(await field.count(), 0);
    await ann.keyboard.press("ArrowUp");
    await field.fill("second try");
    await ann.keyboard.press("Enter");
    await ann.locator("#composer:focus").waitFor();
    await ann.locator(".text", { hasText: /^second try \(edited\)$/ }).waitFor();
    const bob = await stage.join(server.url, "bob");
    await bob.locator(".text", { hasText: /^second try \(edited\)$/ }).waitFor();
  },

  "what cannot be edited any more is not offered; an operator can delete what others wrote": async (
    stage,
  ) => {
    const server = await stage.serve({ editForMs: 0 });
    const ann = await stage.join(server.url, "ann");
    await write(ann, "as it is");
    await sees(ann, "as it is");
    const own = ann.locator("chat-message.mine");
    await own.hover();
    await own.getByRole("button", { name: "Reply" }).waitFor();
    assertEquals(await own.getByRole("button", { name: "Edit" }).count(), 0);
    await own.focus();
    await ann.keyboard.press("e");
    await ann.keyboard.press("Enter");
    await ann.getByRole("menuitem", { name: "Delete" }).waitFor();
    assertEquals(await ann.getByRole("menuitem", { name: "Edit" }).count(), 0);
    assertEquals(await ann.locator(".editor").count(), 0);
  },

  "who answers is shown whom they answer; a click goes there, though it is not loaded": async (
    stage,
  ) => {
    const server = await stage.serve();
    const asked = await server.say("bob", "the question");
    await server.say("bob", ...Array.from({ length: 150 }, (_, i) => `between ${i}`));
    await using carl = await person(server, "carl");
    await carl.say("the answer", { re: asked });
    const ann = await stage.join(server.url, "ann");
    const quote = ann.locator(".quote", { hasText: "the question" });
    await quote.waitFor();
    assertEquals(await message(ann, asked).count(), 0, "it is not loaded");
    await quote.click();
    await message(ann, asked).and(ann.locator(".marked")).waitFor();
  },

  "an answer to a message that is deleted says so, and shows nothing of it": async (stage) => {
    const server = await stage.serve();
    await using bob = await person(server, "bob");
    const { seq } = await bob.say("a secret");
    const ann = await stage.join(server.url, "ann");
    await message(ann, seq).hover();
    await message(ann, seq).getByRole("button", { name: "Reply" }).click();
    await write(ann, "really?");
    await ann.locator("chat-message.mine .quote", { hasText: "a secret" }).waitFor();
    await message(ann, seq).hover();
    await message(ann, seq).getByRole("button", { name: "Reply" }).click();
    await bob.remove(seq);
    await ann.locator("chat-message.mine .quote", { hasText: "Message deleted" }).waitFor();
    await ann.locator(".reply-bar", { hasText: "Message deleted" }).waitFor();
    assertEquals(await ann.getByText("a secret").count(), 0);
  },
});
