import { assert, assertEquals, assertMatch } from "@std/assert";
import { tells } from "../../support/photo.ts";
import { browserTest, connected, messages, sees, write } from "../stage.ts";
import { arrived, choose, drag, draw, fetched, give, paper, seen, take, tray } from "./pictures.ts";

browserTest("Files that are sent", {
  "a photograph says nothing of its place and its camera when it leaves the browser": async (
    stage,
  ) => {
    const server = await stage.serve();
    const ann = await stage.join(server.url, "ann");
    const photo = await take(ann, [640, 480]);
    assert(tells(photo.bytes));
    await choose(ann, photo);
    await write(ann, "my holiday");
    const link = (await arrived(ann, "my holiday")).locator("a.picture");
    const stored = await fetched(ann, (await link.getAttribute("href"))!);
    assert(!tells(stored));
    // Nothing was encoded again.
    const plain = await draw(ann, [640, 480]);
    assert(Math.abs(stored.length - plain.length) < 64, `${stored.length} of ${plain.length}`);
    const image = link.locator("img");
    assertEquals(await image.getAttribute("alt"), "holiday.jpg");
    assertEquals(await image.getAttribute("width"), "420");
    assertEquals(await image.getAttribute("height"), "315");
  },

  "a large photograph is made smaller, and one that lies on its side is turned": async (stage) => {
    const server = await stage.serve();
    const ann = await stage.join(server.url, "ann");
    await choose(ann, await take(ann, [4000, 3000]));
    await write(ann, "large");
    const large = (await arrived(ann, "large")).locator("a.picture");
    const stored = await fetched(ann, (await large.getAttribute("href"))!);
    assert(!tells(stored));
    const { width, height } = await seen(ann, stored);
    assertEquals([width, height], [2560, 1920]);
    await choose(ann, await take(ann, [400, 300], 6));
    await write(ann, "turned");
    const turned = (await arrived(ann, "turned")).locator("a.picture");
    const upright = await fetched(ann, (await turned.getAttribute("href"))!);
    assert(!tells(upright));
    // What was above is on the right.
    const { top: _, bottom: __, ...sides } = await seen(ann, upright);
    assertEquals(sides, { width: 300, height: 400, left: "blue", right: "red" });
  },

  "an original is sent as it is, if one says so": async (stage) => {
    const server = await stage.serve();
    const ann = await stage.join(server.url, "ann");
    const photo = await take(ann, [640, 480]);
    await choose(ann, photo);
    await ann.getByLabel("Send original pictures").check();
    await ann.getByText("such as where they were taken").waitFor();
    await write(ann, "original");
    const link = (await arrived(ann, "original")).locator("a.picture");
    assertEquals(await fetched(ann, (await link.getAttribute("href"))!), photo.bytes);
    // Next time it is asked again.
    await choose(ann, photo);
    assert(!await ann.getByLabel("Send original pictures").isChecked());
  },

  "files are dropped and pasted, several at once, and sent without a word": async (stage) => {
    const server = await stage.serve();
    const ann = await stage.join(server.url, "ann");
    const bob = await stage.join(server.url, "bob");
    await drag(ann, "dragenter");
    await ann.locator(".drop-zone", { hasText: "Drop files" }).waitFor();
    await drag(ann, "dragleave");
    await ann.locator(".drop-zone").waitFor({ state: "detached" });
    await drag(ann, "dragenter");
    await give(ann, "drop", [paper("report.pdf", 12_345), await take(ann, [320, 200])]);
    await tray(ann).nth(1).waitFor();
    await ann.locator(".drop-zone").waitFor({ state: "detached" });
    const png = {
      name: "image.png",
      mimeType: "image/png",
      bytes: await draw(ann, [90, 60], "image/png"),
    };
    await give(ann, "paste", [png]);
    await tray(ann).nth(2).waitFor();
    await ann.keyboard.press("Enter");
    const message = await arrived(bob);
    assertEquals(await message.locator("a.picture img").count(), 2);
    const file = message.locator("a.file");
    assertMatch((await file.textContent())!, /PDF.*report\.pdf.*Document · 12 kB/);
    assertEquals(await file.getAttribute("download"), "report.pdf");
    assertEquals(await message.locator(".text").count(), 0);
    assertEquals((await fetched(bob, (await file.getAttribute("href"))!)).length, 12_345);
  },

  "a text with a picture of itself, as a spreadsheet gives it, is pasted as a text": async (
    stage,
  ) => {
    const server = await stage.serve();
    const ann = await stage.join(server.url, "ann");
    const png = {
      name: "image.png",
      mimeType: "image/png",
      bytes: await draw(ann, [9, 9], "image/png"),
    };
    await give(ann, "paste", [png], { "text/plain": "1\t2", "text/html": "<table></table>" });
    await choose(ann, paper("other.pdf", 10));
    assertEquals(await tray(ann).count(), 1);
  },

  "what is too large, empty or too many is told before anything is sent": async (stage) => {
    const server = await stage.serve();
    const ann = await stage.join(server.url, "ann");
    const limit = server.room.files!.limit!;
    let uploads = 0;
    ann.on("request", (request) => uploads += Number(request.url().includes("api/files")));
    await give(ann, "drop", [{ ...paper("film.pdf", 1), size: limit + 1 }, {
      ...paper("x", 0),
      bytes: new Uint8Array(0),
    }]);
    await ann.locator(".tray .hint", { hasText: "film.pdf has" }).waitFor();
    await ann.locator(".tray .hint", { hasText: "x is empty" }).waitFor();
    assertEquals(await tray(ann).count(), 0);
    await give(ann, "drop", Array.from({ length: 11 }, (_, i) => paper(`${i}.pdf`, 10 + i)));
    await ann.locator(".tray .hint", { hasText: "up to 10 files" }).waitFor();
    assertEquals(await tray(ann).count(), 10);
    await ann.getByRole("button", { name: "Remove 3.pdf" }).click();
    await tray(ann).nth(9).waitFor({ state: "detached" });
    // The next one has the focus: the keyboard goes on from there.
    await ann.locator(".remove:focus").waitFor();
    assertEquals(await ann.locator(".remove:focus").getAttribute("aria-label"), "Remove 4.pdf");
    assertEquals(uploads, 0);
  },

  "an upload is cancelled: nothing arrives, and the words and files can be sent again": async (
    stage,
  ) => {
    const server = await stage.serve();
    const ann = await stage.join(server.url, "ann");
    const asked = Promise.withResolvers<void>();
    await ann.route("**/api/files*", () => asked.resolve()); // it hangs
    await choose(ann, paper("slow.pdf", 1000));
    await write(ann, "wait for it");
    await asked.promise;
    const row = ann.locator(".draft", { hasText: "slow.pdf" });
    await row.getByText("Sending files").waitFor();
    await row.getByRole("button", { name: "Cancel" }).click();
    await row.waitFor({ state: "detached" });
    await tray(ann).filter({ hasText: "slow.pdf" }).waitFor();
    assertEquals(await ann.locator("#composer").inputValue(), "wait for it");
    await ann.unroute("**/api/files*");
    await ann.locator("#composer").press("Enter");
    await arrived(ann, "wait for it");
    assertEquals(await messages(ann).count(), 1);
  },

  "what the server refuses is told, and can be tried again or discarded": async (stage) => {
    const server = await stage.serve();
    const ann = await stage.join(server.url, "ann");
    const refusal = JSON.stringify({ error: { code: "unavailable", message: "no room" } });
    await ann.route(
      "**/api/files*",
      (route) => route.fulfill({ status: 507, contentType: "application/json", body: refusal }),
    );
    await choose(ann, paper("much.pdf", 1000));
    await write(ann, "first");
    const row = ann.locator(".draft.failed", { hasText: "much.pdf" });
    await row.getByText("The server has no room for more files.").waitFor();
    await choose(ann, paper("other.pdf", 1001));
    await write(ann, "second");
    await ann.locator(".draft.failed", { hasText: "other.pdf" }).getByRole("button", {
      name: "Discard",
    })
      .click();
    await ann.unroute("**/api/files*");
    await row.getByRole("button", { name: "Retry" }).click();
    await arrived(ann, "first");
    assertEquals(await ann.locator(".draft").count(), 0);
    assertEquals(await messages(ann).count(), 1);
  },

  "files wait for the server, across a reload, and arrive once": async (stage) => {
    const server = await stage.serve();
    const ann = await stage.join(server.url, "ann");
    await ann.route("**/api/files*", (route) => route.abort());
    const photo = await take(ann, [640, 480]);
    await choose(ann, photo, paper("notes.pdf", 5000));
    await write(ann, "from the train");
    const row = ann.locator(".draft", { hasText: "from the train" });
    await row.getByText("The server cannot be reached").waitFor();
    // What is said meanwhile need not wait for it.
    await write(ann, "anybody here?");
    await sees(ann, "anybody here?");
    await ann.reload();
    await connected(ann);
    await row.locator(".picture img").waitFor();
    await ann.unroute("**/api/files*");
    await ann.reload();
    const message = await arrived(ann, "from the train");
    assertEquals(await message.locator("a.picture, a.file").count(), 2);
    const bytes = await fetched(ann, (await message.locator("a.picture").getAttribute("href"))!);
    assert(!tells(bytes));
    await row.waitFor({ state: "detached" });
    const left = await ann.waitForFunction(() =>
      new Promise((resolve) => {
        const request = indexedDB.open("partyline");
        request.onsuccess = () => {
          const count = request.result.transaction("parcels").objectStore("parcels").count();
          count.onsuccess = () => resolve(count.result === 0);
        };
      })
    );
    assert(await left.jsonValue(), "the bytes were kept");
    await ann.reload();
    await connected(ann);
    assertEquals(await messages(ann).filter({ hasText: "from the train" }).count(), 1);
  },

  "where the browser keeps nothing, files are sent all the same, and it says what a reload would lose":
    async (stage) => {
      const server = await stage.serve();
      const ann = await stage.visit("about:blank");
      await ann.addInitScript(() => {
        IDBFactory.prototype.open = () => {
          throw new DOMException("not here", "InvalidStateError");
        };
      });
      await ann.goto(server.url);
      await ann.getByLabel("Your name").fill("ann");
      await ann.keyboard.press("Enter");
      await connected(ann);
      await ann.route("**/api/files*", (route) => route.abort());
      await choose(ann, paper("notes.pdf", 5000));
      await write(ann, "in private");
      await ann.getByText("closing this page before they are sent loses them").waitFor();
      await ann.unroute("**/api/files*");
      await arrived(ann, "in private");
    },

  "without scripts pictures and files are there, and room for them is reserved": async (stage) => {
    const server = await stage.serve();
    const ann = await stage.join(server.url, "ann");
    await choose(ann, await take(ann, [1600, 800]), paper("notes.pdf", 5000));
    await write(ann, "for all");
    await arrived(ann, "for all");
    const plain = await stage.visit(server.url, { javaScriptEnabled: false });
    const image = plain.locator("a.picture img");
    assertEquals(await image.getAttribute("width"), "420");
    assertEquals(await image.getAttribute("height"), "210");
    await plain.locator("a.file[download]", { hasText: "notes.pdf" }).waitFor();
    assertEquals(await plain.locator(".attach").isVisible(), false);
  },

  "a server that takes no files offers no button, and a file that is dropped does nothing": async (
    stage,
  ) => {
    const server = await stage.serve({ files: { limit: 0, total: 0 } });
    const ann = await stage.join(server.url, "ann");
    assertEquals(await ann.locator(".attach").isVisible(), false);
    await drag(ann, "dragenter");
    await give(ann, "drop", [paper("x.pdf", 10)]);
    await write(ann, "still here");
    await sees(ann, "still here");
    assertEquals(await ann.locator(".drop-zone, .tray").count(), 0);
  },
});
