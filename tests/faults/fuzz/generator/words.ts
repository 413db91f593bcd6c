// What clients put into the fields of every door: as people do, and as nobody should.

import fc, { type Arbitrary } from "fast-check";
import { PLACEHOLDER } from "../case.ts";
import { mostly } from "./mix.ts";

const { epoch, user, token: goodToken, password: goodPassword } = PLACEHOLDER;

/** Of any kind: what some layer may take for more than text. */
const MISCHIEF = [
  "",
  " ",
  "\0",
  "__proto__",
  "constructor",
  "toString",
  "hasOwnProperty",
  "undefined",
  "null",
  "NaN",
  "-1",
  "1e999",
  "0x10",
  "../../etc/passwd",
  "a\r\nX-Injected: yes",
  "a%0d%0aX-Injected:%20yes",
  "a\nevent: message\ndata: {}\n\n",
  "<script>alert(1)</script>",
  "'; DROP TABLE entries; --",
  '" OR "" MATCH "',
  "*",
  "%",
  "%00",
  "%ed%a0%80",
  "${7*7}",
  "\x1b]0;title\x07",
  "\x1b[2J\x1b[31mred",
  "\x9b31m",
  "\u202egnp.exe",
  "\u2066left\u2069",
  "\u2028",
  "\u2029",
  "\ufeff",
  "\ufffe",
  "\ud800",
  "\udfff",
  "a\udc00b",
  "a\u034fb",
  "a\u200bb",
  "\u3164",
  "\u{e0041}",
  "\u{10ffff}",
  "e" + "\u0301".repeat(200),
  "\ufdfa".repeat(32), // each becomes 18 characters by NFKC
  "\u0390".repeat(40),
  "👩‍👩‍👧‍👦".repeat(8),
  "x".repeat(33),
  "x".repeat(65),
  "x".repeat(17_000),
];

const mischief = fc.oneof(
  fc.constantFrom(...MISCHIEF),
  fc.string({ unit: "binary", maxLength: 60 }),
  fc.string({ unit: "grapheme", maxLength: 60 }),
);

export const name: Arbitrary<string> = mostly(
  fc.constantFrom("ann", "bob", "Zoë", "李雷", "a b", "ann2", "Ω", "👍", "x".repeat(32)),
  fc.oneof(
    mischief,
    fc.constantFrom(
      user,
      `${user}\u0307`,
      "аnna", // the first letter is Cyrillic
      "ＡＮＮ",
      "admin",
      "ＡＤＭＩＮ",
      "systеm",
      "guest",
      "ann: yes, I agree",
      "* the server",
      "[12:01] #46 bob: hi",
      "! rate limited",
      "# reset",
      "/quit",
      '{"type":"hello"}',
      "İ",
      "ß",
      "ŉ",
      "ann\u0301\u0301\u0301",
    ),
  ),
);

export const text: Arbitrary<string> = mostly(
  fc.constantFrom("hi", "1+1=2", "two\nlines\n\tand a tab", "/me waves", "ünï🎉", "a".repeat(4000)),
  fc.oneof(
    mischief,
    fc.constantFrom(
      "a".repeat(4001),
      "🎉".repeat(4000),
      "🎉".repeat(4001),
      "\n".repeat(3999) + "x",
      "\n".repeat(4000),
      "\x1b[".repeat(2000),
      "\x1b]".repeat(2000),
      "\x1b".repeat(4000),
      "\ud83c".repeat(4000),
      "`".repeat(4000),
      "*_".repeat(2000),
      "[".repeat(2000) + "](".repeat(900),
      "http://".repeat(500),
      "> ".repeat(2000),
      "(".repeat(2000) + "http://a.b/",
      "@".repeat(4000),
      "\r".repeat(100),
      "{",
      "{}",
      "[1,2]",
    ),
  ),
);

export const id: Arbitrary<string> = mostly(
  fc.oneof(fc.constantFrom("c-1", "c-2", "~".repeat(64)), fc.nat(999).map((n) => `f-${n}`)),
  mischief,
);

/** The number of a message, as a path or a line has it. */
export const ref: Arbitrary<string> = mostly(
  fc.nat(60).map((n) => String(n + 1)),
  fc.oneof(
    mischief,
    fc.constantFrom(
      "0",
      "-1",
      "1.5",
      "1e3",
      "01",
      "+1",
      "٣",
      "999999999999999",
      "9007199254740993",
    ),
  ),
);

export const emoji: Arbitrary<string> = mostly(
  fc.constantFrom("👍", "👍🏽", "❤️", "🇨🇭", "1️⃣", "👨‍👩‍👧‍👦", "🏴󠁧󠁢󠁥󠁮󠁧󠁿"),
  fc.oneof(
    mischief,
    fc.constantFrom(
      "❤",
      "👍👍",
      "👍\u200d",
      "🇨",
      "\u{1f3fb}",
      "👨‍".repeat(2000),
      "\u{1f3f4}" + "\u{e0067}".repeat(5000),
      ":thumbsup:",
    ),
  ),
);

export const fileId: Arbitrary<string> = mostly(
  fc.constantFrom("0".repeat(64), "f", "a".repeat(128)),
  fc.oneof(mischief, fc.constantFrom("../x", "a/b", "a".repeat(129))),
  2,
);

export const cursor: Arbitrary<string> = mostly(
  fc.constantFrom("0", "1", "5", `${epoch}-0`, `${epoch}-1`, `${epoch}-12`),
  fc.oneof(
    mischief,
    fc.constantFrom(
      `${epoch}-`,
      `-${epoch}`,
      `${epoch}-999999999`,
      `${epoch}-1-2`,
      `${epoch}--1`,
      "abc-1",
      "999999999999999",
      "9999999999999999",
      "99999999999999999999999999",
      "٣",
      "1.5",
      "+1",
      "1\n2",
      "0".repeat(15),
    ),
  ),
);

export const token: Arbitrary<string> = mostly(
  fc.constant<string>(goodToken),
  fc.oneof(
    mischief,
    fc.constantFrom(
      `${goodToken}x`,
      `x${goodToken}`,
      `${goodToken}.${goodToken}`,
      ".",
      "..",
      "a.b",
      "bnVsbA.bnVsbA",
      "e30.".repeat(500),
    ),
  ),
);

export const password: Arbitrary<string> = mostly(
  fc.constant<string>(goodPassword),
  fc.oneof(
    mischief,
    fc.constantFrom(`${goodPassword}x`, goodPassword.slice(1), goodPassword.repeat(40)),
  ),
  2,
);

/** A number in a query; `valid` is one or a few that are in range. */
export function number(...valid: readonly number[]): Arbitrary<string> {
  return mostly(
    fc.constantFrom(...valid.map(String)),
    fc.oneof(mischief, fc.integer().map(String), fc.double().map(String)),
  );
}

export const anything: Arbitrary<string> = mischief;
