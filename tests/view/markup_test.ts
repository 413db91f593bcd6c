import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import {
  isOnlyEmoji,
  mentions,
  parseMarkup,
  plainText,
  type Token,
} from "../../lib/view/markup.ts";

/** A token as short as it can be told: its kind and its text. */
function brief(token: Token): string {
  const all = (tokens: readonly Token[]) => tokens.map(brief).join("");
  switch (token.type) {
    case "text":
      return token.text;
    case "mention":
      return `<${token.own ? "mention" : "other"}:${token.text}>`;
    case "link":
      return `<link:${token.text}${token.host === undefined ? "" : ` at ${token.host}`}>`;
    case "list":
      return `<list:${
        token.items.map(({ value = "-", children }) => `${value} ${all(children)}`).join("|")
      }>`;
    default:
      return `<${token.type}:${"children" in token ? all(token.children) : token.text}>`;
  }
}

function read(text: string, self?: string, seq?: number): string {
  return parseMarkup(text, { self, seq }).map(brief).join("");
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
    "<mention:@ann> <mention:@Ann>, <other:@anna> <other:@ann-lee> me@ann",
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

Deno.test("everybody who is mentioned is, and an address of mail is nobody", () => {
  assertEquals(
    read("@bob, ask @林小雨 (@a.b.)"),
    "<other:@bob>, ask <other:@林小雨> (<other:@a.b>.)",
  );
  assertEquals(read("me@example.org @ @- ann@"), "me@example.org @ @- ann@");
  assertEquals(read("`@bob` **@bob**"), "<code:@bob> <strong:<other:@bob>>");
});

Deno.test("quotes and lists are read line by line, in each other and around texts", () => {
  assertEquals(read("> a *b*\n> c\nd"), "<quote:a <em:b>\nc>d");
  assertEquals(read("so\n> > a\n> b\n>"), "so<quote:<quote:a>b\n>");
  assertEquals(read("- a\n* **b**\n• c\n- d"), "<list:- a|- <strong:b>|- c|- d>");
  assertEquals(read("1. a\n1. b\n7. c\n- d"), "<list:1 a|1 b|7 c><list:- d>");
  assertEquals(
    read("- a\n  goes on\n  - b\n    1. c\n- d\nend"),
    "<list:- a\ngoes on<list:- b<list:1 c>>|- d>end",
  );
  assertEquals(read("> - a\n>   - b\n> - c"), "<quote:<list:- a<list:- b>|- c>>");
});

Deno.test("faces, sums, dashes, dates and years are neither quotes nor lists", () => {
  for (
    const text of [
      ">_<",
      ">:(",
      ">> no",
      "-5 and -6",
      "--",
      "-",
      "- ",
      "*a",
      "2026. a",
      "1.5",
      "a > b",
    ]
  ) assertEquals(read(text), text);
  assertEquals(read("21. 11. 2026"), "<list:21 11. 2026>");
  assertEquals(read("- - -"), "<list:- - ->");
  // What lies deeper than anybody writes is text.
  assertEquals(read("> > > > > a"), "<quote:<quote:<quote:<quote:> a>>>>");
});

Deno.test("what was struck out is, with what is in it", () => {
  assertEquals(
    read("~~a *b*~~ **~~c~~** ~~**d**~~"),
    "<strike:a <em:b>> <strong:<strike:c>> <strike:<strong:d>>",
  );
  assertEquals(read("~~ a ~~ ~b~ ~~c\nd~~"), "~~ a ~~ ~b~ ~~c\nd~~");
});

Deno.test("the number of a message before this one is a link to it, and other numbers are not", () => {
  assertEquals(read("see #42, #41.", undefined, 42), "see #42, <message:#41>.");
  assertEquals(read("看#7的 (#8)", undefined, 9), "看<message:#7>的 (<message:#8>)");
  for (
    const text of ["a#1", "#0", "#01", "##1", "#1a", "&#1", "/#1", "#1_", "#", "#1234567890123456"]
  ) {
    assertEquals(read(text, undefined, Infinity), text);
  }
});

Deno.test("a link with a text of its own says where it leads, unless the text says so", () => {
  assertEquals(read("[the site](https://a.b/c)!"), "<link:the site at a.b>!");
  assertEquals(read("[a.b](https://a.b/c)"), "<link:a.b>");
  assertEquals(read("[x](https://a.b/c_(d)_(e))"), "<link:x at a.b>");
  assertEquals(read("[mail](mailto:ann@a.b)"), "<link:mail at ann@a.b>");
  // Whom the address names, not whom it seems to.
  assertEquals(read("[bank.com](https://bank.com@evil.org)"), "<link:bank.com at evil.org>");
  assertEquals(read("[bank.com](https://bänk.com)"), "<link:bank.com at xn--bnk-qla.com>");
  assertEquals(read("[bank.com](https://bank.com:8443)"), "<link:bank.com at bank.com:8443>");
  const others = [
    "[a](javascript:alert(1))",
    "[a](data:text/html,b)",
    "[a](/b)",
    "[a](#b)",
    "[a](//b.c)",
  ];
  for (
    const text of [...others, "[](https:)", "[ ](https://)", "[a] (b)", "[a](http://)", "[a\nb](c)"]
  ) assertEquals(read(text), text);
});

Deno.test("www. begins an address too", () => {
  assertEquals(read("www.a.b/c, (www.a.b)"), "<link:www.a.b/c>, (<link:www.a.b>)");
  const [link] = parseMarkup("www.a.b");
  assertEquals(link, { type: "link", text: "www.a.b", href: "https://www.a.b" });
  for (const text of ["www.", "www.a", "www.a.", "awww.a.b", "x.www.a.b", "@www.a.b"]) {
    assert(!read(text).includes("<link"), text);
  }
});

Deno.test("a text without its marks has a line for each item and quote", () => {
  assertEquals(plainText("so:\n- *a*\n- b\n> c\nend"), "so:\n• a\n• b\nc\nend");
  assertEquals(plainText("```js\n1\n```"), "1");
  assertEquals(plainText("2. a"), "2. a");
});

const MARKS = [
  ..."* ** ` ``` \n   > - • 1. 23. ~~ # #4 [ ] ]( [a](https://a.b) ( ) . @ @ann @bob www. www.a.b"
    .split(" "),
  ..."https://a.b mailto: > \n>  \n-  \n  -".split(" ").map((mark) => `${mark} `),
  "\n> ",
  "\n- ",
  "\n  ",
  "\n1. ",
];

const MARKED = fc.array(
  fc.oneof(fc.constantFrom(...MARKS), fc.string({ unit: "grapheme", maxLength: 4 })),
  { maxLength: 30 },
).map((parts) => parts.join(""));

/** A token with the marks that say something. */
function written(token: Token): string {
  if (token.type === "list") {
    return token.items.map(({ value, children }) =>
      `${value ?? ""}. ${children.map(written).join("")}`
    )
      .join("");
  }
  if ("children" in token) return token.children.map(written).join("");
  if (token.type === "link") {
    const { text, href } = token;
    const isAddress = href === text || (/^www\./i.test(text) && href === `https://${text}`);
    return isAddress ? text : `[${text}](${href})`;
  }
  return token.text;
}

Deno.test("law: nothing of a text is lost but the marks, and every link is of the three kinds", () => {
  const kept = (text: string) => text.replace(/[*`~>•.\s[\]()-]/g, "");
  fc.assert(
    fc.property(MARKED, (text) => {
      const tokens = parseMarkup(text, { self: "ann", seq: 5 });
      // A block's language, on its first line, is a mark too.
      if (!text.includes("```")) assertEquals(kept(tokens.map(written).join("")), kept(text));
      const check = (token: Token): void => {
        if (token.type === "link") {
          assert(/^(https?:\/\/|mailto:)/i.test(token.href), token.href);
          // What is shown holds the host that a browser goes to.
          const { protocol, host, pathname } = new URL(token.href);
          const shown = token.host ?? token.text;
          const says = protocol === "mailto:" ? shown.includes(pathname) : token.host === host ||
            URL.parse(/^\w+:/.test(shown) ? shown : `https://${shown}`)?.host === host;
          assert(says, `${shown} leads to ${token.href}`);
        }
        if ("children" in token) token.children.forEach(check);
        if (token.type === "list") token.items.forEach(({ children }) => children.forEach(check));
      };
      tokens.forEach(check);
    }),
    { numRuns: 500 },
  );
});

Deno.test("law: a text without marks is itself, and lines are parsed alike wherever they stand", () => {
  const plain = fc.string({ unit: "grapheme" }).map((text) =>
    text.replace(/[^\p{L}\p{N} \n]/gu, "")
  );
  fc.assert(fc.property(plain, (text) => {
    assertEquals(parseMarkup(text), text === "" ? [] : [{ type: "text", text }]);
  }));
  // A quote of a text is that text, one level deeper.
  const lines = MARKED.filter((text) =>
    !text.includes("`") && !/(> ?){3}|^ *(>$|[-*•])|^ /m.test(text)
  );
  fc.assert(fc.property(lines, (text) => {
    const quoted = parseMarkup(text.split("\n").map((line) => `> ${line}`).join("\n"));
    assertEquals(quoted, [{ type: "quote", children: parseMarkup(text) }]);
  }));
});

function parsingMs(text: string): number {
  const started = performance.now();
  parseMarkup(text, { self: "ann", seq: 9 });
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
  const opening = [
    ...["**", "*", "`", "```", "http://", "https://", "mailto:", "@", "(", "[", "~~", "> ", "\n> "],
    ...["\n- ", "- ", "\n  - ", "1. ", "\n1. ", "#", "#1", "www.", "www.a.b", "[a](http://"],
    ...["[a](http://(", "[a](http://a)", "](", "[a]", "@a.", "@a-"],
  ];
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
