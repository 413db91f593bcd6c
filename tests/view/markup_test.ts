import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { isOnlyEmoji, mentions, parseMarkup, type Token } from "../../lib/view/markup.ts";

/** A token as short as it can be told: its kind and its text. */
function brief(token: Token): string {
  if (token.type === "text") return token.text;
  const inner = "children" in token ? token.children.map(brief).join("") : token.text;
  return `<${token.type}:${inner}>`;
}

function read(text: string, self?: string): string {
  return parseMarkup(text, self).map(brief).join("");
}

Deno.test("emphasis, strong and code are read, and arithmetic is not", () => {
  assertEquals(read("a *b* **c** `d`"), "a <em:b> <strong:c> <code:d>");
  assertEquals(read("**bold *and* more**"), "<strong:bold <em:and> more>");
  assertEquals(read("2*3*4 and * x * and ** y **"), "2*3*4 and * x * and ** y **");
  assertEquals(read("`*not*` *`code`*"), "<code:*not*> <em:<code:code>>");
  assertEquals(read("*over\nlines*"), "*over\nlines*");
});

Deno.test("blocks keep what is in them as it is, and stand on lines of their own", () => {
  assertEquals(read("see\n```ts\n*a*\n  b\n```\nafter"), "see<block:*a*\n  b>after");
  assertEquals(read("```one line```"), "<block:one line>");
  assertEquals(read("``` open"), "``` open");
});

Deno.test("only http, https and mailto are links, without what follows an address", () => {
  assertEquals(read("https://a.b/c?d=e#f."), "<link:https://a.b/c?d=e#f>.");
  assertEquals(read("(see http://a.b/c_(d))"), "(see <link:http://a.b/c_(d)>)");
  assertEquals(read("看 https://a.b/c。"), "看 <link:https://a.b/c>。");
  assertEquals(read("mailto:a@b.c, mailto:"), "<link:mailto:a@b.c>, mailto:");
  for (
    const text of ["javascript:alert(1)", "data:text/html,x", "ftp://a.b", "http://", "xhttp://a.b"]
  ) {
    assertEquals(read(text), text);
  }
});

Deno.test("scripts that are written without spaces have links, emphasis and mentions all the same", () => {
  assertEquals(
    read("看https://a.b/c，还有https://d.e。"),
    "看<link:https://a.b/c>，还有<link:https://d.e>。",
  );
  assertEquals(read("这是*重点*吗"), "这是<em:重点>吗");
  assertEquals(read("*강조*는 **이것**을"), "<em:강조>는 <strong:이것>을");
  assertEquals(read("你好@小雨", "小雨"), "你好<mention:@小雨>");
});

Deno.test("one's own name is a mention, in any case, and not as a part of another", () => {
  assertEquals(
    read("@ann @Ann, @anna @ann-lee me@ann", "ann"),
    "<mention:@ann> <mention:@Ann>, @anna @ann-lee me@ann",
  );
  assertEquals(read("hi @guest-a1b2!", "guest-a1b2"), "hi <mention:@guest-a1b2>!");
  assertEquals(read("@a.b (c)", "a.b (c)"), "<mention:@a.b (c)>");
  assert(mentions("정말 @지우?", "지우"));
  assert(!mentions("ann", "ann"));
});

Deno.test("a few emoji alone are large; digits and words are not emoji", () => {
  for (const text of ["🎉", "👍🏽 👨‍👩‍👧", "❤️", "🇰🇷🇰🇷"]) assert(isOnlyEmoji(text), text);
  for (const text of ["1", "ok 👍", "#", "🎉🎉🎉🎉🎉🎉🎉", ""]) assert(!isOnlyEmoji(text), text);
});

Deno.test("law: nothing of a text is lost but the marks, and every link is of the three kinds", () => {
  const marked = fc.array(
    fc.oneof(
      fc.constantFrom(
        "*",
        "**",
        "`",
        "```",
        "\n",
        " ",
        "https://a.b",
        "mailto:",
        "@ann",
        ")",
        "(",
        ".",
      ),
      fc.string({ unit: "grapheme", maxLength: 4 }),
    ),
    { maxLength: 30 },
  ).map((parts) => parts.join(""));
  fc.assert(fc.property(marked, (text) => {
    const flat = (token: Token): string =>
      "children" in token ? token.children.map(flat).join("") : token.text;
    const letters = (text: string) => text.replace(/[*`\n]/g, "");
    const tokens = parseMarkup(text, "ann");
    // A block's language, on its first line, is a mark too.
    if (!text.includes("```")) assertEquals(letters(tokens.map(flat).join("")), letters(text));
    for (const token of tokens) {
      if (token.type === "link") assert(/^(https?:\/\/|mailto:)/i.test(token.href), token.href);
    }
  }));
});

function parsingMs(text: string): number {
  const started = performance.now();
  parseMarkup(text, "ann");
  return performance.now() - started;
}

/**
 * Whether eight times the text takes far less than 64 times as long. Others may use the machine
 * meanwhile, so that the quickest of several runs counts, and of many where it is in doubt.
 */
function isLinear(part: string): boolean {
  const [short, long] = [4_000, 32_000].map((length) => part.repeat(length / part.length));
  let [shortMs, longMs] = [Infinity, Infinity];
  for (let run = 0; run < 50; run++) {
    shortMs = Math.min(shortMs, parsingMs(short!));
    longMs = Math.min(longMs, parsingMs(long!));
    // Half a millisecond is for what the clock may miss.
    if (run >= 4 && longMs < 24 * shortMs + 0.5) return true;
  }
  return false;
}

Deno.test("a text takes time in proportion to its length, whatever marks it opens", () => {
  const opening = ["**", "*", "`", "```", "http://", "https://", "mailto:", "@", "(", "["];
  const parts = [
    ...opening.flatMap((mark) => [mark, `${mark}a`, `${mark}a `, `${mark} `, `${mark}a)`]),
    ..."**a** |*a* |`a` |```a``` |http://a.b/(c) |@ann |****|````|**a*|`a\n|a*|_|a\n**a ".split(
      "|",
    ),
  ];
  assertEquals(parts.filter((part) => !isLinear(part)), []);
});

Deno.test("an end of strong is found behind many that do not end it, and not on another line", () => {
  assertEquals(read("**a **b **c**"), "<strong:a **b **c>");
  assertEquals(read("**a **b\n**c** **d"), "**a **b\n<strong:c> **d");
  assertEquals(read("**a** **b **c"), "<strong:a> **b **c");
  assertEquals(read("***a** b"), "<strong:*a> b");
});
