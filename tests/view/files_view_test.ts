import { assert, assertEquals } from "@std/assert";
import type { Message } from "../../lib/model/message.ts";
import { filesView, hrefOf, isPicture, roomOf } from "../../lib/view/files_view.ts";
import { Locale } from "../../lib/view/locale.ts";
import { STRINGS } from "../../lib/view/strings/all.ts";
import { messageView } from "../../lib/view/message_view.ts";
import { toHtml } from "../../lib/view/tree.ts";

const locale = new Locale("en", STRINGS.en, { clock: "24", timeZone: "UTC" });
const PICTURE = {
  id: "abc",
  name: "a b.png",
  type: "image/png",
  size: 12_345,
  width: 1600,
  height: 800,
};
const HOSTILE = { id: "../x", name: `"><script>.svg`, type: "image/svg+xml", size: 5 };

Deno.test("room for a picture is its size, made to fit; a strip is still large enough to be hit", () => {
  assertEquals(roomOf({ width: 1600, height: 800 }), { width: 420, height: 210 });
  assertEquals(roomOf({ width: 800, height: 1600 }), { width: 160, height: 320 });
  assertEquals(roomOf({ width: 100, height: 60 }), { width: 100, height: 60 });
  assertEquals(roomOf({ width: 5000, height: 10 }), { width: 420, height: 44 });
  assertEquals(roomOf({ width: 1600, height: 800 }, true), { width: 260, height: 130 });
  assert(roomOf({}).width > 44);
});

Deno.test("only what the server lets a browser show is a picture; all else is a link, whatever its name", () => {
  for (const type of ["image/png", "image/jpeg", "image/gif", "image/webp", "image/avif"]) {
    assert(isPicture({ type }));
  }
  for (const type of ["image/svg+xml", "text/html", "image/png; x", "video/mp4", ""]) {
    assert(!isPicture({ type }));
  }
  const html = toHtml(filesView([PICTURE, HOSTILE], locale));
  assertEquals(html.match(/<img /g)?.length, 1);
  assert(html.includes(`<img src="files/abc/a%20b.png" alt="a b.png" width="420" height="210"`));
  assert(!html.includes("</img>") && !html.includes("<script"));
  assertEquals(hrefOf(HOSTILE), "files/..%2Fx/%22%3E%3Cscript%3E.svg");
  assert(html.includes("Picture · 5 byte"));
});

Deno.test("a message of files alone has no text, and a deleted one has neither", () => {
  const message = {
    type: "message",
    seq: 1,
    at: 0,
    from: "ann",
    text: "",
    files: [PICTURE],
  } as const;
  const html = (entry: Message) => toHtml(messageView(entry, { locale }));
  assert(html(message).includes(`class="files"`) && !html(message).includes(`class="text"`));
  const { files: _, ...rest } = message;
  assert(!html({ ...rest, deleted: true }).includes("files/"));
});

Deno.test("a size is told in as few digits as say it", () => {
  const told = [0, 999, 1000, 12_345, 999_600, 1_234_567, 10_485_760, 2.5e9].map((n) =>
    locale.bytes(n)
  );
  assertEquals(told.map((text) => text.replace(/\s/g, " ")), [
    ...["0 byte", "999 byte", "1 kB", "12 kB", "1 MB", "1.2 MB", "10 MB", "2.5 GB"],
  ]);
});
