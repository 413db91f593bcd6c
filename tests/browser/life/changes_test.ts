import { assert, assertEquals } from "@std/assert";
import { browserTest, connected, messages, sees, setHidden, write } from "../stage.ts";
import { message, person, reacted, reaction, settled } from "./people.ts";

browserTest("What becomes of messages", {
  "two who react at once see the same, each with their own marked; names are told": async (
    stage,
  ) => {
    const server = await stage.serve();
    const seq = await server.say("carl", "who comes?");
    const ann = await stage.join(server.url, "ann");
    const bob = await stage.join(server.url, "bob");
    await using carl = await person(server, "carl");
    await carl.react(seq, "👍");
    const [hers, his] = [message(ann, seq), message(bob, seq)];
    await reacted(hers, "👍", { count: 1, own: false });
    await reacted(his, "👍", { count: 1, own: false });
    await Promise.all([reaction(hers, "👍").click(), reaction(his, "👍").click()]);
    await reacted(hers, "👍", { count: 3, own: true });
    await reacted(his, "👍", { count: 3, own: true });
    await ann.mouse.move(0, 0);
    await reaction(hers, "👍").hover();
    const names = (await ann.locator(".tip").textContent())!.split(", ");
    assertEquals(names.toSorted(), ["ann", "bob", "carl"]);
    await Promise.all([reaction(hers, "👍").click(), reaction(his, "👍").click()]);
    for (const row of [hers, his]) await reacted(row, "👍", { count: 1, own: false });
  },

  "what was done offline is seen at once, says that it waits, and is done when back": async (
    stage,
  ) => {
    const server = await stage.serve();
    const seq = await server.say("bob", "hello");
    const ann = await stage.join(server.url, "ann");
    await write(ann, "helo");
    await sees(ann, "helo");
    await ann.keyboard.press("Control+ArrowUp");
    await message(ann, seq + 1).getByRole("button", { name: "Edit" }).waitFor();
    await ann.context().setOffline(true);
    await ann.locator("connection-chip[data-state=offline]").waitFor();
    await ann.keyboard.press("e");
    await ann.getByLabel("Edit message").fill("hello!");
    await ann.keyboard.press("Enter");
    const own = message(ann, seq + 1);
    await own.locator(".text", { hasText: "hello! (edited)" }).waitFor();
    await own.locator(".status", { hasText: "Waiting to be saved" }).waitFor();
    await message(ann, seq).focus();
    await ann.keyboard.press("Enter");
    await ann.getByRole("menuitem", { name: "🎉" }).press("Enter");
    await reacted(message(ann, seq), "🎉", { count: 1, own: true });
    await using bob = await person(server, "bob");
    await bob.edit(seq, "hello ann").catch(() => {}); // the first hello is not of this session
    await bob.react(seq, "🎉");
    await ann.context().setOffline(false);
    await reacted(message(ann, seq), "🎉", { count: 2, own: true });
    await own.locator(".status").waitFor({ state: "detached" });
    await settled(ann);
    const carl = await stage.join(server.url, "carl");
    await message(carl, seq + 1).locator(".text", { hasText: "hello! (edited)" }).waitFor();
  },

  "who comes back sees what was changed elsewhere meanwhile": async (stage) => {
    const server = await stage.serve();
    await using bob = await person(server, "bob");
    const one = await bob.say("to be edited");
    const two = await bob.say("to be deleted");
    const three = await bob.say("to be liked");
    const ann = await stage.join(server.url, "ann");
    await sees(ann, "to be liked");
    await server.close();
    await ann.locator("connection-chip:not([data-state=connected],[data-state=resumed])").waitFor();
    await server.open();
    await bob.edit(one.seq, "was edited");
    await bob.remove(two.seq);
    await bob.react(three.seq, "👍");
    await connected(ann);
    await message(ann, one.seq).locator(".text", { hasText: "was edited (edited)" }).waitFor();
    await message(ann, two.seq).getByText("Message deleted").waitFor();
    await reacted(message(ann, three.seq), "👍", { count: 1, own: false });
  },

  "what the server refuses is taken back, and the message says why": async (stage) => {
    const server = await stage.serve({ editForMs: 3_600_000 });
    const ann = await stage.join(server.url, "ann");
    await write(ann, "mine for now");
    await sees(ann, "mine for now");
    await ann.keyboard.press("ArrowUp");
    await ann.getByLabel("Edit message").fill("too late");
    // The time is over while the editor is open.
    await server.close();
    server.change({ editForMs: 0 });
    await server.open();
    await connected(ann);
    await ann.keyboard.press("Enter");
    const own = messages(ann).first();
    await own.locator(".status.failed", { hasText: "Not changed" }).waitFor();
    assertEquals(await own.locator(".text").textContent(), "mine for now");
    await own.getByRole("button", { name: "Edit again" }).click();
    assertEquals(await ann.getByLabel("Edit message").inputValue(), "too late");
    await ann.keyboard.press("Escape");
    await own.locator(".status").waitFor({ state: "detached" });
  },

  "a deletion is sent when its time is over, or when the page is left before": async (stage) => {
    const server = await stage.serve();
    const ann = await stage.join(server.url, "ann");
    await write(ann, "one");
    await sees(ann, "one");
    await write(ann, "two");
    await sees(ann, "two");
    const bob = await stage.join(server.url, "bob");
    await sees(bob, "two");
    await ann.keyboard.press("Control+ArrowUp");
    await messages(ann).nth(1).getByRole("button", { name: "Edit" }).waitFor();
    await ann.keyboard.press("Delete");
    await messages(ann).nth(1).getByRole("button", { name: "Undo" }).waitFor();
    assertEquals(await bob.getByText("two", { exact: true }).count(), 1, "not before its time");
    await messages(bob).nth(1).getByText("Message deleted").waitFor();
    assertEquals(await messages(ann).nth(1).getByRole("button", { name: "Undo" }).count(), 0);
    await messages(ann).nth(0).focus();
    await ann.keyboard.press("Delete");
    await messages(ann).nth(0).getByRole("button", { name: "Undo" }).waitFor();
    await ann.goto("about:blank");
    await messages(bob).nth(0).getByText("Message deleted").waitFor({ timeout: 4000 }).catch(
      async () => {
        // The connection ended first: the outbox has it.
        await ann.goto(server.url);
        await messages(bob).nth(0).getByText("Message deleted").waitFor();
      },
    );
  },

  "a message that is deleted is no news any more": async (stage) => {
    const server = await stage.serve();
    const ann = await stage.join(server.url, "ann");
    await setHidden(ann, true);
    await using bob = await person(server, "bob");
    const { seq } = await bob.say("@ann never mind");
    await bob.say("and another one");
    await ann.waitForFunction(() => document.title === "@ (2) lobby");
    await bob.remove(seq);
    await ann.waitForFunction(() => document.title === "(1) lobby");
    await bob.react(seq + 1, "👍");
    await reacted(message(ann, seq + 1), "👍", { count: 1, own: false });
    assertEquals(await ann.title(), "(1) lobby", "a reaction is no news");
  },

  "nothing moves, and no row but one is touched, where thousands of messages are": async (
    stage,
  ) => {
    const server = await stage.serve();
    await using bob = await person(server, "bob");
    const last = await server.say("bob", ...Array.from({ length: 800 }, (_, i) => `line ${i}`));
    const ann = await stage.join(server.url, "ann");
    await sees(ann, "line 799");
    const scroller = ann.locator(".scroller");
    // Everything that one can load by scrolling up for a while.
    while (await messages(ann).count() < 500) {
      const before = await messages(ann).count();
      await scroller.evaluate((box) => box.scrollTop = -box.scrollHeight);
      await ann.waitForFunction(
        (before) => document.querySelectorAll("chat-message").length > before,
        before,
      );
    }
    await message(ann, last - 100).evaluate((row) => row.scrollIntoView({ block: "center" }));
    const top = () => message(ann, last - 100).evaluate((row) => row.getBoundingClientRect().top);
    const before = await top();
    await ann.evaluate(() => {
      const touched = new Set<Element | null>();
      Object.assign(globalThis, { touched });
      const rows = document.querySelector(".rows")!;
      new MutationObserver((records) => {
        for (const { target } of records) {
          touched.add(target instanceof Element ? target.closest("chat-message, .rows") : null);
        }
      }).observe(rows, { subtree: true, childList: true, attributes: true, characterData: true });
    });
    for (const [i, emoji] of ["👍", "🎉", "❤️", "😂"].entries()) {
      for (const away of [-100, -20, -300]) await bob.react(last + away, emoji);
      await reaction(message(ann, last - 100), emoji).waitFor();
      const moved = Math.abs(await top() - before);
      assert(moved <= 1, `${i}: moved by ${moved} px`);
    }
    const touched = await ann.evaluate(() =>
      [...(globalThis as unknown as { touched: Set<Element> }).touched].map((row) => row.id)
    );
    assertEquals(
      touched.toSorted(),
      [-100, -20, -300].map((away) => String(last + away)).toSorted(),
    );
  },

  "without scripts the page shows answers, edits, deletions and reactions": async (stage) => {
    const server = await stage.serve();
    await using bob = await person(server, "bob");
    const one = await bob.say("the question");
    const two = await bob.say("gone soon");
    const three = await bob.say("the anser", { re: one.seq });
    await bob.edit(three.seq, "the answer");
    await bob.react(one.seq, "👍");
    await bob.remove(two.seq);
    const page = await stage.visit(server.url, { javaScriptEnabled: false });
    await message(page, three.seq).locator(".quote", { hasText: "the question" }).waitFor();
    await message(page, three.seq).locator(".text", { hasText: "the answer (edited)" }).waitFor();
    await message(page, two.seq).getByText("Message deleted").waitFor();
    await reaction(message(page, one.seq), "👍").waitFor();
    assert(!(await page.content()).includes("gone soon"));
  },
});
