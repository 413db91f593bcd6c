import { assert, assertEquals } from "@std/assert";
import { browserTest, connected, messages, noted, sees, setHidden, texts, write } from "./stage.ts";

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

  "somebody without a name reads along, and is not in the list of people": async (stage) => {
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
    await other.getByText("That name is taken, or kept for somebody who was here.").waitFor();
  },

  "a remembered name that somebody else has now is asked for again": async (stage) => {
    const { url } = await stage.serve();
    await stage.join(url, "ann");
    const other = await stage.visit("about:blank");
    await other.addInitScript(() => localStorage.setItem("partyline.name", "ann"));
    await other.goto(url);
    await other.getByText("That name is taken, or kept for somebody who was here.").waitFor();
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

  "a mention makes a notification while the page is hidden; a click on it shows the message":
    async (
      stage,
    ) => {
      const server = await stage.serve();
      const ann = await stage.visit("about:blank");
      await ann.addInitScript(() => {
        localStorage.setItem("partyline.settings", `{"notifications":"mentions"}`);
        const shown: string[] = [];
        Object.assign(globalThis, {
          shown,
          focus: () => shown.push("focused"),
          Notification: class {
            static permission = "granted";
            onclick: () => void = () => {};
            constructor(title: string, { body }: { body: string }) {
              shown.push(`${title}: ${body}`);
              Object.assign(globalThis, { last: this });
            }
            close() {
              shown.push("closed");
            }
          },
        });
      });
      const shown = () => ann.evaluate(() => (globalThis as unknown as { shown: string[] }).shown);
      await ann.goto(server.url);
      await ann.getByLabel("Your name").fill("ann");
      await ann.keyboard.press("Enter");
      await ann.locator("#composer:focus").waitFor();
      await connected(ann);
      await server.say("bob", "@ann while you look");
      await sees(ann, "@ann while you look");
      await setHidden(ann, true);
      await server.say("bob", "not for you");
      await server.say("bob", "@ann while you *do not*");
      await ann.waitForFunction(() =>
        (globalThis as unknown as { shown: string[] }).shown.length > 0
      );
      assertEquals(await shown(), ["bob · lobby: @ann while you do not"]);
      await ann.evaluate(() =>
        (globalThis as unknown as { last: { onclick(): void } }).last.onclick()
      );
      await ann.locator("chat-message.marked", { hasText: "while you do not" }).waitFor();
      assertEquals((await shown()).slice(1), ["closed", "focused"]);
    },

  "where the browser forbids notifications, the settings say so": async (stage) => {
    const { url } = await stage.serve();
    const ann = await stage.join(url, "ann");
    await ann.evaluate(() =>
      Object.assign(Notification, { requestPermission: () => Promise.resolve("denied") })
    );
    await ann.getByRole("button", { name: "Settings" }).click();
    const told = ann.getByText("This browser does not allow notifications for this page.");
    assertEquals(await told.isVisible(), false);
    await ann.getByRole("radio", { name: "Mentions" }).click();
    await told.waitFor();
  },

  "the sound is off until it is wanted, is heard at once, and then when somebody writes": async (
    stage,
  ) => {
    const server = await stage.serve();
    const ann = await stage.visit("about:blank");
    await ann.addInitScript(() => {
      const tones: string[] = [];
      Object.assign(globalThis, { tones });
      performance.now = () => 0; // whatever is right after another here is so on any machine
      const start = OscillatorNode.prototype.start;
      OscillatorNode.prototype.start = function (when) {
        tones.push(this.context.state);
        start.call(this, when);
      };
    });
    const tones = () => ann.evaluate(() => (globalThis as unknown as { tones: string[] }).tones);
    const played = (count: number) =>
      ann.waitForFunction(
        (count) => (globalThis as unknown as { tones: string[] }).tones.length === count,
        count,
      );
    await ann.goto(server.url);
    await ann.getByLabel("Your name").fill("ann");
    await ann.keyboard.press("Enter");
    await connected(ann);
    await setHidden(ann, true);
    await server.say("bob", "quietly");
    await sees(ann, "quietly");
    assertEquals(await tones(), []);
    await setHidden(ann, false);
    await ann.getByRole("button", { name: "Settings" }).click();
    await ann.getByRole("group", { name: "Sound" }).getByRole("radio", { name: "On" }).check();
    await played(2);
    await ann.reload();
    await connected(ann);
    await ann.keyboard.press("Shift"); // the touch that browsers ask for
    await setHidden(ann, true);
    await server.say("bob", "aloud");
    await played(2);
    await server.say("bob", "right after it");
    await sees(ann, "right after it");
    assertEquals(await tones(), ["running", "running"]);
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
    await ann.locator(".draft").first().waitFor({ state: "detached" });
    assertEquals(await texts(bob), ["first", "second"]);
    await ann.reload();
    await connected(ann);
    assertEquals(await texts(ann), ["first", "second"]);
  },

  "what the server refuses stays, says why, and can be sent again or discarded": async (stage) => {
    const { url } = await stage.serve();
    const ann = await stage.join(url, "ann");
    await ann.evaluate(() => {
      const send = WebSocket.prototype.send;
      let refused = 0;
      WebSocket.prototype.send = function (data) {
        // As a server with a smaller limit would see it.
        const text = String(data);
        const tooLong = text.includes("too long") && refused++ < 2;
        send.call(this, tooLong ? text.replace("too long", "x".repeat(5000)) : data);
      };
    });
    const refused = ann.locator(".draft", { hasText: "The message is too long." });
    await write(ann, "too long once");
    await refused.waitFor();
    await ann.getByRole("button", { name: "Discard" }).click();
    await ann.locator(".draft").waitFor({ state: "detached" });
    await write(ann, "too long twice");
    await refused.waitFor();
    await ann.reload();
    await refused.waitFor();
    await ann.getByRole("button", { name: "Retry" }).press("Enter");
    await sees(ann, "too long twice");
    assertEquals(await texts(ann), ["too long twice"]);
    assertEquals(await ann.evaluate(() => document.activeElement?.className), "scroller");
  },

  "on a phone the people come over the messages, and go by the keyboard, too": async (stage) => {
    const { url } = await stage.serve();
    const ann = await stage.join(url, "ann", { viewport: { width: 320, height: 640 } });
    const bob = await stage.join(url, "bob");
    await noted(ann, "bob joined");
    const people = ann.getByRole("button", { name: "People: 2" });
    await people.press("Enter");
    await ann.locator("people-panel button:focus", { hasText: "bob" }).waitFor();
    await stage.join(url, "amy");
    await ann.locator("people-panel", { hasText: "3 here" }).waitFor();
    await ann.locator("people-panel button:focus", { hasText: "bob" }).waitFor();
    await ann.keyboard.press("Escape");
    await ann.locator("people-panel").waitFor({ state: "hidden" });
    await ann.locator("[data-open=people]:focus").waitFor();
    await ann.keyboard.press("Enter");
    await ann.locator("people-panel button", { hasText: "bob" }).click();
    await ann.locator("#composer:focus").waitFor();
    assertEquals(await ann.locator("#composer").inputValue(), "@bob ");
    assertEquals(await ann.locator("people-panel").isVisible(), false);
    await bob.context().close();
  },

  "Enter sends, Shift+Enter makes a line, Escape clears": async (stage) => {
    const { url } = await stage.serve();
    const ann = await stage.join(url, "ann");
    await ann.keyboard.type("one");
    await ann.keyboard.press("Shift+Enter");
    await ann.keyboard.type("two");
    await ann.keyboard.press("Enter");
    await sees(ann, "one\ntwo");
    await ann.keyboard.type("three");
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
    await noted(ann, "ann is now anna");
    await write(ann, "/me waves");
    await ann.locator(".action .text", { hasText: "anna waves" }).waitFor();
    await write(ann, "/who");
    await noted(ann, "2 here: anna, bobby");
    await write(ann, "/help");
    await ann.locator(".help", { hasText: "/me ACTION" }).waitFor();
    await write(ann, "/nonsense");
    await noted(ann, "There is no command /nonsense");
    assertEquals(await messages(ann).count(), 1);
  },

  "a counter comes near the limit, and above it nothing is sent": async (stage) => {
    const { url } = await stage.serve();
    const ann = await stage.join(url, "ann");
    await ann.locator("#composer").fill("x".repeat(4003));
    await ann.getByText("3 over the limit").waitFor();
    await ann.keyboard.press("Enter");
    await ann.keyboard.press("Backspace");
    await ann.getByText("2 over the limit").waitFor();
    assertEquals(await ann.getByRole("button", { name: "Send" }).isDisabled(), true);
    assertEquals(await ann.locator("chat-message").count(), 0);
  },

  "the others see who is typing, until the message comes": async (stage) => {
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
    await noted(ann, "bob and cy joined");
    // Whatever is said between them, there is one line.
    await write(ann, "/who");
    await ann.locator(".note").nth(1).waitFor();
    await bob.context().close();
    await ann.locator(".note").getByText("cy joined", { exact: true }).waitFor();
    assertEquals(await ann.locator(".note").count(), 2);
  },

  "the field has the focus from the start; the keys of the page work from it, too": async (
    stage,
  ) => {
    const { url } = await stage.serve();
    const ann = await stage.visit(url);
    await ann.keyboard.type("ann");
    await ann.keyboard.press("Enter");
    await ann.locator("#composer:focus").waitFor();
    await ann.reload();
    await connected(ann);
    await ann.keyboard.type("hello");
    await ann.keyboard.press("Control+/");
    await ann.getByRole("heading", { name: "Keyboard shortcuts" }).waitFor();
    await ann.keyboard.press("Escape");
    await ann.keyboard.press("Enter");
    await sees(ann, "hello");
    await ann.getByRole("button", { name: "Settings" }).click();
    await ann.getByRole("button", { name: "Keyboard shortcuts" }).click();
    await ann.getByRole("heading", { name: "Keyboard shortcuts" }).waitFor();
  },

  "what is pending stands where it will stand, and does not jump when it is stored": async (
    stage,
  ) => {
    const { url } = await stage.serve();
    const ann = await stage.join(url, "ann");
    await write(ann, "first");
    await sees(ann, "first");
    await ann.evaluate(() => {
      const send = WebSocket.prototype.send;
      const held = globalThis as unknown as { release: () => void };
      WebSocket.prototype.send = function (data) {
        held.release = () => send.call(this, data);
      };
    });
    await write(ann, "second");
    await ann.locator(".draft", { hasText: "second" }).waitFor();
    const places = () =>
      ann.locator("chat-message").evaluateAll((all) =>
        all.map((message) => message.getBoundingClientRect().top)
      );
    const pending = await places();
    await ann.evaluate(() => (globalThis as unknown as { release: () => void }).release());
    await sees(ann, "second");
    assertEquals(await places(), pending);
  },

  "a message that is over the rate limit says why it waits and how long, and goes by itself":
    async (
      stage,
    ) => {
      const server = await stage.serve({ rate: { perSecond: 0.2, burst: 2 } });
      const ann = await stage.join(server.url, "ann");
      for (const text of ["one", "two", "three"]) await write(ann, text);
      const waiting = ann.locator(".draft .status");
      const told = /^Sends in (\d) s · You are sending messages too fast\.$/;
      await waiting.getByText(told).waitFor();
      const seconds = Number(told.exec(await waiting.textContent() ?? "")?.[1]);
      await waiting.getByText(new RegExp(`^Sends in [1-${seconds - 1}] s`)).waitFor();
      await sees(ann, "three");
      assertEquals(await texts(ann), ["one", "two", "three"]);
      await ann.locator(".draft").waitFor({ state: "detached" });
    },

  "above 200 people are a number, and those who speak can be spoken to": async (stage) => {
    const server = await stage.serve();
    for (let i = 0; i < 201; i++) server.room.enter(`session ${i}`, `person ${i}`);
    const ann = await stage.join(server.url, "ann");
    await ann.locator("people-panel", { hasText: "202 here" }).waitFor();
    await ann.locator("people-panel .self", { hasText: "ann" }).waitFor();
    await ann.locator("people-panel .rest", { hasText: "and 201 more" }).waitFor();
    await write(ann, "/who");
    await noted(ann, "202 here");
    for (const name of ["person 1", "person 2", "person 3"]) {
      server.room.notify({ type: "typing", name });
    }
    await ann.getByText("3 people are typing").waitFor();
    // Nobody tells their names, but who speaks has one.
    await server.say("person 7", "hello");
    await sees(ann, "hello");
    await ann.keyboard.type("@");
    assertEquals(await ann.getByRole("option").allTextContents(), ["person 7"]);
  },

  "news are announced as they come, and what was there before is not": async (stage) => {
    const server = await stage.serve();
    await server.say("bob", "said before");
    const ann = await stage.join(server.url, "ann");
    assertEquals(await ann.getByRole("log").getAttribute("aria-live"), "off");
    const announcer = ann.locator(".announcer");
    assertEquals(await announcer.textContent(), "");
    await server.say("bob", "**now**");
    await sees(ann, "now");
    assertEquals(await announcer.textContent(), "bob: now");
    await server.say("bob", "/me waves");
    await ann.locator(".action").waitFor();
    assertEquals(await announcer.textContent(), "bob waves");
    await write(ann, "/nonsense");
    await noted(ann, "There is no command /nonsense");
    assert((await announcer.textContent())?.startsWith("There is no command /nonsense"));
  },
});
