import { assertEquals } from "@std/assert";
import { browserTest, connected, messages, sees, texts, write } from "./browser/stage.ts";

browserTest("The page, where people write", {
  "two people talk, each sees what the other says, once and in order": async (stage) => {
    const { url } = await stage.serve();
    const ann = await stage.join(url, "ann");
    const bob = await stage.join(url, "bob");
    await write(ann, "hi bob");
    await sees(bob, "hi bob");
    await write(bob, "hi ann");
    await sees(ann, "hi ann");
    assertEquals(await texts(ann), ["hi bob", "hi ann"]);
    assertEquals(await texts(bob), ["hi bob", "hi ann"]);
    await ann.locator("people-panel li", { hasText: "bob" }).waitFor();
  },

  "who has no name yet reads along, and nobody sees them": async (stage) => {
    const theatre = await stage.serve();
    await theatre.say("bob", "before");
    const reader = await stage.visit(theatre.url);
    await sees(reader, "before");
    await connected(reader);
    await theatre.say("bob", "live");
    await sees(reader, "live");
    assertEquals(theatre.house.room.presence().count, 0);
    assertEquals(await reader.locator("#composer").isVisible(), false);
  },

  "a name that somebody has is refused, and says so": async (stage) => {
    const { url } = await stage.serve();
    await stage.join(url, "ann");
    const other = await stage.visit(url);
    await other.getByLabel("Your name").fill("ann");
    await other.keyboard.press("Enter");
    await other.getByText("Somebody here has that name already.").waitFor();
  },

  "a name is remembered across a reload, and so is what was being written": async (stage) => {
    const { url } = await stage.serve();
    const ann = await stage.join(url, "ann");
    await ann.keyboard.type("half a thou");
    await ann.reload();
    await connected(ann);
    assertEquals(await ann.locator("#composer").inputValue(), "half a thou");
    await ann.locator("people-panel .self", { hasText: "ann" }).waitFor();
  },

  "what is written offline waits, survives a reload, and goes out once": async (stage) => {
    const theatre = await stage.serve();
    const ann = await stage.join(theatre.url, "ann");
    const bob = await stage.join(theatre.url, "bob");
    await ann.context().setOffline(true);
    await ann.locator("connection-chip[data-state=offline]").waitFor();
    await write(ann, "first");
    await write(ann, "second");
    await ann.locator(".draft", { hasText: "Waiting to be sent" }).nth(1).waitFor();
    await ann.context().setOffline(false);
    await ann.context().route("**/*", (route) => route.continue());
    await sees(bob, "second");
    await sees(ann, "second");
    assertEquals(await ann.locator(".draft").count(), 0);
    assertEquals(await texts(bob), ["first", "second"]);
    await ann.reload();
    await connected(ann);
    assertEquals(await texts(ann), ["first", "second"]);
  },

  "what the server refuses stays, says why, and can be discarded": async (stage) => {
    const { url } = await stage.serve();
    const ann = await stage.join(url, "ann");
    await ann.evaluate(() => {
      const send = WebSocket.prototype.send;
      WebSocket.prototype.send = function (data) {
        // As a server with a smaller limit would see it.
        send.call(this, String(data).replace("too long", "x".repeat(5000)));
      };
    });
    await write(ann, "too long");
    await ann.locator(".draft", { hasText: "The message is too long." }).waitFor();
    await ann.getByRole("button", { name: "Discard" }).click();
    await ann.locator(".draft").waitFor({ state: "detached" });
  },

  "Enter sends, Shift+Enter makes a line, Up brings back the last text, Escape clears": async (
    stage,
  ) => {
    const { url } = await stage.serve();
    const ann = await stage.join(url, "ann");
    await ann.keyboard.type("one");
    await ann.keyboard.press("Shift+Enter");
    await ann.keyboard.type("two");
    await ann.keyboard.press("Enter");
    await sees(ann, "one\ntwo");
    await ann.keyboard.press("ArrowUp");
    assertEquals(await ann.locator("#composer").inputValue(), "one\ntwo");
    await ann.keyboard.press("Escape");
    assertEquals(await ann.locator("#composer").inputValue(), "");
  },

  "an input method's Enter chooses a word and sends nothing": async (stage) => {
    const { url } = await stage.serve();
    const ann = await stage.join(url, "ann");
    const devtools = await ann.context().newCDPSession(ann);
    await devtools.send("Input.imeSetComposition", {
      text: "にほん",
      selectionStart: 3,
      selectionEnd: 3,
    });
    await ann.locator("#composer").dispatchEvent("keydown", { key: "Enter", isComposing: true });
    assertEquals(await messages(ann).count(), 0);
    await devtools.send("Input.insertText", { text: "日本" });
    assertEquals(await ann.locator("#composer").inputValue(), "日本");
    await ann.keyboard.press("Enter");
    await sees(ann, "日本");
  },

  "@ completes names and / completes commands, by the keyboard": async (stage) => {
    const { url } = await stage.serve();
    await stage.join(url, "bobby");
    const ann = await stage.join(url, "ann");
    const field = ann.locator("#composer");
    await ann.keyboard.type("hello @bo");
    await ann.getByRole("option", { name: "bobby" }).waitFor();
    await ann.keyboard.press("Tab");
    assertEquals(await field.inputValue(), "hello @bobby ");
    await field.fill("");
    await ann.keyboard.type("/na");
    await ann.getByRole("option", { name: "/name" }).waitFor();
    await ann.keyboard.press("Enter");
    await ann.keyboard.type("anna");
    await ann.keyboard.press("Enter");
    await ann.getByText("ann is now anna").waitFor();
    await write(ann, "/me waves");
    await ann.locator(".action .text", { hasText: "anna waves" }).waitFor();
    await write(ann, "/who");
    await ann.getByText("2 here: anna, bobby").waitFor();
    await write(ann, "/help");
    await ann.locator(".help", { hasText: "/me ACTION" }).waitFor();
    await write(ann, "/nonsense");
    await ann.getByText("There is no command /nonsense").waitFor();
    assertEquals(await messages(ann).count(), 1);
  },

  "a counter comes near the limit, and above it nothing is sent": async (stage) => {
    const { url } = await stage.serve();
    const ann = await stage.join(url, "ann");
    await ann.locator("#composer").fill("x".repeat(4003));
    await ann.getByText("3 too many").waitFor();
    await ann.keyboard.press("Enter");
    await ann.keyboard.press("Backspace");
    await ann.getByText("2 too many").waitFor();
    assertEquals(await ann.getByRole("button", { name: "Send" }).isDisabled(), true);
    assertEquals(await ann.locator("chat-message").count(), 0);
  },

  "who types is told to the others, until the message comes": async (stage) => {
    const { url } = await stage.serve();
    const ann = await stage.join(url, "ann");
    const bob = await stage.join(url, "bob");
    await bob.keyboard.type("I");
    await ann.getByText("bob is typing").waitFor();
    await write(bob, "I said it");
    await sees(ann, "I said it");
    assertEquals(await ann.locator("typing-line").textContent(), "");
  },

  "joins and leaves fold into one quiet line": async (stage) => {
    const { url } = await stage.serve();
    const ann = await stage.join(url, "ann");
    const bob = await stage.join(url, "bob");
    await stage.join(url, "cy");
    await ann.getByText("bob and cy joined").waitFor();
    await bob.context().close();
    await ann.getByText("cy joined", { exact: true }).waitFor();
    assertEquals(await ann.locator(".note").count(), 1);
  },
});
