import { browserTest, write } from "../stage.ts";
import { message, reacted, reaction } from "./people.ts";

browserTest("What is done with a message by a typed command", {
  "reply, edit, react and delete by the number, an edit without one means the last": async (
    stage,
  ) => {
    const server = await stage.serve();
    const first = await server.say("bob", "shall we?");
    const ann = await stage.join(server.url, "ann");
    await write(ann, `/reply #${first} at noon`);
    const answer = message(ann, first + 1);
    await answer.locator(".quote", { hasText: "shall we?" }).waitFor();
    await write(ann, "/edit at one");
    await answer.locator(".text", { hasText: /^at one \(edited\)$/ }).waitFor();
    await write(ann, `/react #${first} 👍`);
    await reacted(message(ann, first), "👍", { count: 1, own: true });
    await write(ann, `/unreact #${first} 👍`);
    await reaction(message(ann, first), "👍").waitFor({ state: "detached" });
    await write(ann, `/delete #${first + 1}`);
    await answer.getByText("Message deleted").waitFor();
  },

  "what cannot be done is answered in words": async (stage) => {
    const server = await stage.serve();
    const first = await server.say("bob", "mine");
    const ann = await stage.join(server.url, "ann");
    const told = (text: string) => ann.getByText(text).first().waitFor({ state: "attached" });
    await write(ann, "/react 👍");
    await told("Which message? Say its number, as #42.");
    await write(ann, `/react #${first} x`);
    await told('"emoji" must be one emoji, as 👍');
    await write(ann, `/delete #${first}`);
    await told("That is not allowed here.");
  },
});
