import { assert, assertEquals } from "@std/assert";
import { EMOJI_LANGUAGES, readEmojiList } from "../../lib/emoji/mod.ts";
import { LANGUAGES } from "../../lib/view/strings/language.ts";

Deno.test("there is a list in each language of the page", () => {
  assertEquals([...EMOJI_LANGUAGES].sort(), Object.keys(LANGUAGES).sort());
});

Deno.test("each list has every emoji once, named, in the same order, and groups with names", async () => {
  const [first, ...others] = await Promise.all(EMOJI_LANGUAGES.map(readEmojiList));
  const characters = first!.emoji.map(([emoji]) => emoji);
  assertEquals(new Set(characters).size, characters.length);
  assert(characters.length > 1800);
  for (const { groups, emoji } of [first!, ...others]) {
    assertEquals(emoji.map(([character]) => character), characters);
    for (const [character, label, codes, , group, ...tones] of emoji) {
      assert(/^\p{RGI_Emoji}$/v.test(character), character);
      assert(label !== "" && groups[group], character);
      assert(codes.split(" ").every((code) => /^[a-z0-9_+-]+$/.test(code)), codes);
      assert(tones.length === 0 || tones.length === 5, character);
      assert(tones.every((tone) => /^\p{RGI_Emoji}$/v.test(tone)), tones.join());
    }
  }
});

Deno.test("an emoji is found by the shortcodes that people know, and is named in each language", async () => {
  const { emoji } = await readEmojiList("en");
  const by = (code: string) => emoji.find(([, , codes]) => codes.split(" ").includes(code))?.[0];
  assertEquals(["smile", "+1", "tada", "heart", "joy", "fire"].map(by), [
    "😄",
    "👍",
    "🎉",
    "❤️",
    "😂",
    "🔥",
  ]);
  const label = async (language: "ko" | "zh-Hans" | "zh-Hant") =>
    (await readEmojiList(language)).emoji.find(([character]) => character === "🎉")![1];
  assertEquals(await Promise.all((["ko", "zh-Hans", "zh-Hant"] as const).map(label)), [
    "파티",
    "拉炮彩带",
    "拉炮",
  ]);
});
