import { assert, assertEquals } from "@std/assert";
import { Page } from "../../lib/page/page.ts";
import { load } from "./folder.ts";

Deno.test("the emoji in a language are a file of the page, made when it is asked for", async () => {
  using page = new Page(load(), {
    position: () => "",
    read: () => Promise.reject(new Error("nobody asks for the page itself")),
  });
  const get = (path: string, headers = {}) =>
    page.respondFile(new Request(`http://room${path}`, { headers }), path);
  for (const path of ["/emoji-ko.json", "/_/0123456789ab/emoji-ko.json"]) {
    const response = await get(path);
    assertEquals(response?.headers.get("content-type"), "application/json");
    const { emoji } = await response!.json();
    assert(emoji.some(([emoji, label]: string[]) => emoji === "🎉" && label === "파티"));
  }
  const packed = await get("/emoji-en.json", { "accept-encoding": "br" });
  assertEquals(packed?.headers.get("content-encoding"), "br");
  const size = (await packed!.bytes()).length;
  assert(size < 64_000, `${size} bytes`);
  for (const path of ["/emoji-xx.json", "/emoji-toString.json", "/emoji-.json", "/emoji.json"]) {
    assertEquals(await get(path), undefined, path);
  }
});
