import { assertEquals } from "@std/assert";
import {
  browserTest,
  connected,
  messages,
  sees,
  setHidden,
  texts,
  write,
} from "./browser/stage.ts";

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
    assertEquals(
      await ann.locator("message-composer").innerText(),
      "",
      "only a field and a button",
    );
  },

  "who has no name yet reads along, and nobody sees them": async (stage) => {
    const server = await stage.serve();
    await server.say("bob", "before");
    const reader = await stage.visit(server.url);
    await sees(reader, "before");
    await connected(reader);
    await server.say("bob", "live");
    await sees(reader, "live");
    assertEquals(server.room.presence().count, 0);
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

  "a remembered name that somebody else has now is asked for again": async (stage) => {
    const { url } = await stage.serve();
    await stage.join(url, "ann");
    const other = await stage.visit("about:blank");
    await other.addInitScript(() => localStorage.setItem("partyline.name", "ann"));
    await other.goto(url);
    await other.getByText("Somebody here has that name already.").waitFor();
    assertEquals(await other.getByLabel("Your name").inputValue(), "ann");
    await other.getByLabel("Your name").fill("anna");
    await other.keyboard.press("Enter");
    await other.locator("people-panel .self", { hasText: "anna" }).waitFor();
  },

  "two tabs of one person are one name, and both are renamed": async (stage) => {
    const server = await stage.serve();
    const ann = await stage.join(server.url, "ann");
    const tab = await ann.context().newPage();
    await tab.goto(server.url);
    await connected(tab);
    assertEquals(server.room.presence().count, 1);
    await write(tab, "/name anna");
    await ann.locator("people-panel .self", { hasText: "anna" }).waitFor();
    await write(ann, "as anna");
    await sees(tab, "as anna");
    assertEquals(await tab.locator("chat-message .from").textContent(), "anna");
  },

  "who wants to be called is, by a mention and while elsewhere": async (stage) => {
    const server = await stage.serve();
    const ann = await stage.visit("about:blank");
    await ann.addInitScript(() => {
      localStorage.setItem("partyline.settings", `{"notifications":"mentions"}`);
      const shown: string[] = [];
      Object.assign(globalThis, {
        shown,
        Notification: class {
          static permission = "granted";
          constructor(title: string, { body }: { body: string }) {
            shown.push(`${title}: ${body}`);
          }
        },
      });
    });
    await ann.goto(server.url);
    await ann.getByLabel("Your name").fill("ann");
    await ann.keyboard.press("Enter");
    await ann.locator("#composer:focus").waitFor();
    await connected(ann);
    await server.say("bob", "@ann while you look");
    await sees(ann, "@ann while you look");
    await setHidden(ann, true);
    await server.say("bob", "not for you");
    await server.say("bob", "@ann while you do not");
    await ann.waitForFunction(() =>
      (globalThis as unknown as { shown: string[] }).shown.length > 0
    );
    assertEquals(await ann.evaluate(() => (globalThis as unknown as { shown: string[] }).shown), [
      "bob · lobby: @ann while you do not",
    ]);
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

  "what is written offline waits, and goes out once and in order": async (stage) => {
    const server = await stage.serve();
    const ann = await stage.join(server.url, "ann");
    const bob = await stage.join(server.url, "bob");
    await ann.context().setOffline(true);
    await ann.locator("connection-chip[data-state=offline]").waitFor();
    await write(ann, "first");
    await write(ann, "second");
    await ann.locator(".draft", { hasText: "Waiting to be sent" }).nth(1).waitFor();
    await ann.context().setOffline(false);
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
