import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { complete, wantsEmoji } from "../../../lib/cli/chat/line/completion.ts";
import { Editor } from "../../../lib/cli/chat/line/editor.ts";
import type { EmojiList } from "../../../lib/model/emoji_list.ts";

const EMOJI: EmojiList = {
  groups: ["smileys"],
  emoji: [
    ["😄", "grinning face with smiling eyes", "smile happy", "", 0],
    ["😃", "grinning face with big eyes", "smiley", "", 0],
    ["👍", "thumbs up", "+1 thumbsup", "", 0],
  ],
};

const WORDS = {
  commands: ["help", "reply", "react", "edit", "delete"],
  people: ["ann", "Ännchen", "bob", "Bob Smith", "bobby"],
  emoji: EMOJI,
};

/** The line after a Tab at its end, and what is shown beside it. */
function tab(line: string, words = WORDS): [line: string, choices: readonly string[]] {
  const completion = complete(line, words);
  if (!completion) return [line, []];
  const editor = new Editor();
  editor.press({ type: "text", text: line });
  editor.replaceBefore(completion.length, completion.text);
  assertEquals(editor.before, editor.text, "the cursor is behind it");
  return [editor.text, completion.choices];
}

Deno.test("what one thing fits becomes that, and what several fit what they have in common", () => {
  const table: [string, string, string[]?][] = [
    ["/he", "/help "],
    ["/HE", "/help "],
    ["/r", "/re"],
    ["/re", "/re", ["reply", "react"]],
    ["/x", "/x"],
    ["/", "/", WORDS.commands],
    ["hi an", "hi ann "],
    ["hi @AN", "hi @ann "],
    ["än", "Ännchen "],
    ["B", "bob"],
    ["bob", "bob", ["bob", "Bob Smith", "bobby"]],
    ["bobb", "bobby "],
    ["/kick Bob S", '/kick "Bob Smith" '],
    ['/ban "bob s', '/ban "Bob Smith" '],
    ["/mute @an", "/mute ann "],
    ["/edit #4 an", "/edit #4 ann "],
    ["hi ", "hi "],
    ["", ""],
    [":thumbs", "👍 "],
    [":+1", "👍 "],
    ["/react #42 :thumb", "/react #42 👍 "],
    [":smi", ":smile"],
    [":smile", ":smile", ["😄 :smile:", "😃 :smiley:"]],
    [":smile:", "😄 "],
    [":smiley", "😃 "],
    [":nothing", ":nothing"],
    ["12:0", "12:0"],
  ];
  for (const [before, after, choices = []] of table) {
    assertEquals(tab(before), [after, choices], before);
  }
});

Deno.test("the emoji are asked for when a colon begins a word, and not before", () => {
  assert(wantsEmoji(":sm") && wantsEmoji("/react #4 :sm") && wantsEmoji("hi :+1:"));
  assert(!wantsEmoji("12:30") && !wantsEmoji("http://x") && !wantsEmoji(":") && !wantsEmoji("an"));
  assertEquals(tab(":sm", { ...WORDS, emoji: undefined as never }), [":sm", []]);
});

Deno.test("of very many that fit some are shown, and no name steers the terminal", () => {
  const people = Array.from({ length: 100 }, (_, i) => `x\x1b[2J${i}`);
  const completion = complete("x\x1b[2J", { ...WORDS, people })!;
  assertEquals(completion.choices.length, 41);
  // deno-lint-ignore no-control-regex
  assert(completion.choices.every((choice) => !/\x1b/.test(choice)));
});

Deno.test("a Tab never changes what stands before the word, whatever is typed", () => {
  const piece = fc.constantFrom("/", ":", "@", "a", "b", "ob", " ", '"', "kick ", "👍", "é", "+1");
  fc.assert(fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => {
    const line = pieces.join("");
    const completion = complete(line, WORDS);
    if (!completion) return;
    assert(completion.length <= line.length);
    assert(!/\s/.test(line.slice(line.length - completion.length).replace(/^\S*["“].*/, "")));
  }));
});
