import { assertEquals } from "@std/assert";
import { Shortcodes } from "../../static/emoji/shortcodes.ts";
import { begunShortcode, hasShortcode } from "../../static/emoji/code_pattern.ts";
import { readEmojiList } from "../../lib/emoji/mod.ts";

const codes = new Shortcodes(await readEmojiList("en"));

Deno.test("a shortcode becomes its emoji, in any case and beside any script", () => {
  assertEquals(codes.replace("hi :smile:, :+1: :TADA:"), "hi 😄, 👍 🎉");
  assertEquals(codes.replace("你好:smile:吗 :heart::fire:"), "你好😄吗 ❤️:fire:");
  assertEquals(codes.replace("(:100:)"), "(💯)");
});

Deno.test("code, addresses, times and what is no emoji stay as they are", () => {
  for (
    const text of [
      "`:smile:` and ```\n:smile:\n```",
      "http://a.b:100:/",
      "12:100:30",
      "a:smile:b",
      ":no_such_emoji:",
      ": smile :",
      "::smile::",
      "std::fire::x",
      "/:smile:",
    ]
  ) assertEquals(codes.replace(text), text);
  assertEquals(hasShortcode("`:smile:`"), false);
  assertEquals(hasShortcode("so :smile:"), true);
});

Deno.test("what has been typed of a code finds those that begin so, the shortest first", () => {
  assertEquals(begunShortcode("so :smi", 7), ":smi");
  assertEquals(begunShortcode("so :smi", 5), undefined);
  for (const text of ["so :s", "a:smi", "12:30", "http://a.b:80"]) {
    assertEquals(begunShortcode(text, text.length), undefined, text);
  }
  assertEquals(codes.find(":smil", 3)[0], { emoji: "😄", code: "smile" });
  assertEquals(codes.find(":tada", 8), [{ emoji: "🎉", code: "tada" }]);
  assertEquals(codes.find(":qqqq", 8), []);
});

Deno.test("the second colon makes the emoji, and only right before the caret", () => {
  assertEquals(codes.before("so :smile:", 10), { emoji: "😄", start: 3 });
  assertEquals(codes.before("so :smile: ", 11), undefined);
  assertEquals(codes.before("`:smile:`", 9), undefined);
});
