// What of the page is pure, without a browser.
import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import type { Message } from "../../lib/model/message.ts";
import { action, asTyped } from "../../lib/wire/action.ts";
import { COMMANDS, parseTyped } from "../../lib/wire/commands.ts";
import { complete } from "../../static/composer/completion.ts";
import { parseSearchQuery } from "../../lib/model/search/query.ts";
import { excerpt } from "../../static/search/excerpt.ts";
import { parseLocalQuery, toServerQuery } from "../../static/search/local_query.ts";
import { chooseLocale, Locale } from "../../lib/view/locale.ts";
import { avatar, plainMessage, relate } from "../../lib/view/message_view.ts";
import { Moves } from "../../static/people/moves.ts";
import { Speakers } from "../../static/people/speakers.ts";
import { Seen } from "../../static/history/seen.ts";
import { CHOICES, parseSettings } from "../../static/panels/settings.ts";
import { actionOf, SHORTCUTS } from "../../static/panels/shortcuts.ts";
import { say, STRINGS } from "../../lib/view/strings/all.ts";
import type { StringKey } from "../../lib/view/strings/en.ts";
import { chooseLanguage, LANGUAGES } from "../../lib/view/strings/language.ts";

import { FakeStorage, message } from "../support/fakes.ts";

const EN = new Locale("en", STRINGS.en, { timeZone: "UTC" });

Deno.test("a slash begins a command, two a text, and a path is a text", () => {
  const typed = (text: string) => {
    const parsed = parseTyped(text, "page");
    return parsed.type === "command" ? [parsed.command.name, parsed.rest] : Object.values(parsed);
  };
  assertEquals(typed("/me  waves  back "), ["me", "waves  back"]);
  assertEquals(typed("/NAME ann"), ["name", "ann"]);
  assertEquals(typed("/help"), ["help", ""]);
  assertEquals(typed("//help"), ["text", "/help"]);
  assertEquals(typed("/usr/bin"), ["text", "/usr/bin"]);
  assertEquals(typed("/ x"), ["text", "/ x"]);
  assertEquals(typed("/quit"), ["unknown", "quit"]);
  assertEquals(action("/me waves"), "waves");
  assertEquals(action("/melon"), undefined);
});

Deno.test("law: a text that is brought back into the field is sent as the text it was", () => {
  const texts = fc.tuple(fc.constantFrom("", "/", "//", "/me ", "/name "), fc.string())
    .map((parts) => parts.join("").trim());
  fc.assert(fc.property(texts, (text) => {
    const parsed = parseTyped(asTyped(text), "page");
    if (parsed.type === "command") {
      assertEquals([parsed.command.name, parsed.rest], ["me", action(text)]);
    } else assertEquals(parsed, { type: "text", text });
  }));
});

Deno.test("every command of the page is explained in every language", () => {
  for (const { name, where } of COMMANDS.filter(({ where }) => where.includes("page"))) {
    assert(EN.has(`cmd${name[0]!.toUpperCase()}${name.slice(1)}`), `${name} for ${where}`);
  }
});

Deno.test("every string is there in every language, with the same values to put in", () => {
  const keys = Object.keys(LANGUAGES) as (keyof typeof LANGUAGES)[];
  const marks = Object.fromEntries(
    "n a b q room name names from".split(" ").map((name) => [name, `<${name}>`]),
  );
  const used = (text: string) => [...text.matchAll(/<\w+>/g)].map(String).toSorted();
  for (const key of Object.keys(STRINGS.en) as StringKey[]) {
    for (const language of keys) {
      const text = say(language, key, marks);
      assert(text !== "" && !text.includes("{"), `${language} ${key}: ${text}`);
      assertEquals(
        [...new Set(used(text))],
        [...new Set(used(say("en", key, marks)))],
        `${language} ${key}`,
      );
    }
  }
});

Deno.test("counts take the word that fits", () => {
  assertEquals(say("en", "newMessages", { n: 1 }), "1 new message");
  assertEquals(say("en", "newMessages", { n: 12 }), "12 new messages");
});

Deno.test("the first language that is spoken here is taken, Chinese by script and place", () => {
  assertEquals(chooseLanguage(["fr", "ko-KR", "en"]), "ko");
  assertEquals(chooseLanguage(["zh"]), "zh-Hans");
  assertEquals(chooseLanguage(["zh-HK"]), "zh-Hant");
  assertEquals(chooseLanguage(["zh-Hans-HK"]), "zh-Hans");
  assertEquals(chooseLanguage([]), "en");
});

Deno.test("times and days are told in the reader's zone and language", () => {
  const at = Date.UTC(2026, 10, 21, 23, 30);
  assertEquals(new Locale("en", STRINGS.en, { clock: "24", timeZone: "UTC" }).time(at), "23:30");
  assertEquals(
    new Locale("en", STRINGS.en, { region: "en-GB", timeZone: "Asia/Seoul" }).time(at),
    "08:30",
  );
  assertEquals(EN.day(at, at), "Today");
  assertEquals(EN.day(at, at + 86_400_000), "Yesterday");
  assert(EN.day(at, at + 400 * 86_400_000).includes("2026"));
  assert(!EN.sameDay(at, at + 3_600_000));
  assert(new Locale("en", STRINGS.en, { timeZone: "Asia/Seoul" }).sameDay(at, at + 3_600_000));
});

Deno.test("AM and PM stand apart, wherever in the time a language has them", () => {
  const at = Date.UTC(2026, 10, 21, 16, 7);
  const half = (region: string) => {
    const locale = new Locale("en", STRINGS.en, { clock: "12", region, timeZone: "UTC" });
    return [locale.time(at), locale.halfOfDay(at)];
  };
  assertEquals(half("en-US"), ["4:07 PM", "PM"]);
  assertEquals(half("ko-KR"), ["오후 4:07", "오후"]);
  assertEquals(half("zh-TW"), ["下午4:07", "下午"]);
  assertEquals(new Locale("en", STRINGS.en, { clock: "24" }).halfOfDay(at), undefined);
});

Deno.test("with the page in another language than the browser's, the clock is still the browser's", async () => {
  const at = new Date(2026, 10, 21, 16, 7).getTime();
  const spoken = async (...languages: string[]) => {
    const locale = await chooseLocale(parseSettings(null), languages);
    return [
      locale.language,
      locale.time(at),
      locale.day(at, 0).match(/21 Nov|Nov\w+ 21|11월 21/)?.[0],
    ];
  };
  assertEquals(await spoken("fr-FR", "fr"), ["en", "16:07", "November 21"]);
  assertEquals(await spoken("en-US"), ["en", "4:07 PM", "November 21"]);
  assertEquals(await spoken("en-GB"), ["en", "16:07", "21 Nov"]);
  assertEquals(await spoken("ko-KR", "en-US"), ["ko", "오후 4:07", "11월 21"]);
});

Deno.test("names are listed, and more than fit are counted", () => {
  assertEquals(EN.names(["ann"], 3), "ann");
  assertEquals(EN.names(["ann", "bob"], 3), "ann and bob");
  assertEquals(EN.names(["a", "b", "c", "d", "e"], 3), "a, b, c and 2 more");
});

Deno.test("the name is not repeated, unless after a pause, an action or midnight", () => {
  const continues = (before: Message, entry: Message) => relate(before, entry, EN).continued;
  assert(continues(said("ann", 0), said("ann", 60_000)));
  assert(!continues(said("ann", 0), said("bob", 0)));
  assert(!continues(said("ann", 0), said("ann", 600_000)));
  assert(!continues(said("ann", 0), said("ann", 0, "/me waves")));
  assert(!continues(said("ann", 86_399_000), said("ann", 86_401_000)));
});

Deno.test("a minute is shown once, whoever speaks in it", () => {
  const sameMinute = (a: number, b: number) =>
    relate(said("ann", a), said("bob", b), EN)["same-minute"];
  assert(sameMinute(60_000, 119_999));
  assert(!sameMinute(119_999, 120_000));
});

Deno.test("as plain text, a message has no markup, and an action has its actor", () => {
  assertEquals(plainMessage(said("ann", 0, "**No.** See:\n```js\n*a*\n```")), "No. See:\n*a*");
  assertEquals(plainMessage(said("*ann*", 0, "/me `waves`")), "*ann* waves");
});

Deno.test("@ and / are completed where they begin a word, and nothing else is", () => {
  const names = ["ann", "bobby", "Rob", "정"];
  const offered = (text: string, caret = text.length) =>
    complete(text, caret, names)?.options.map(({ insert }) => insert);
  assertEquals(offered("hi @bo"), ["@bobby "]);
  assertEquals(offered("@ob"), ["@bobby ", "@Rob "]);
  assertEquals(offered("@"), ["@ann ", "@bobby ", "@Rob ", "@정 "]);
  assertEquals(offered("@정"), ["@정 "]);
  assertEquals(offered("me@bo"), undefined);
  assertEquals(offered("@zzz"), undefined);
  assertEquals(offered("@bo more", 3), ["@bobby "]);
  // Chinese and Korean have no space before it.
  assertEquals(offered("你好@bo"), ["@bobby "]);
  assertEquals(offered("안녕@정"), ["@정 "]);
  assertEquals(offered("/na"), ["/name "]);
  assertEquals(offered("say /na"), undefined);
});

Deno.test("names with blanks are completed to their end, and no other text after an @ is", () => {
  const names = ["ann lee", "ann", "Mary Ann"];
  const offered = (text: string) => {
    const found = complete(text, text.length, names);
    return found && [found.open, ...found.options.map(({ what }) => what)];
  };
  assertEquals(offered("@ann l"), [true, "ann lee"]);
  assertEquals(offered("@mary"), [false, "Mary Ann"]);
  assertEquals(offered("@mary a"), [false, "Mary Ann"]);
  // A name that is there already comes first, and none is chosen.
  assertEquals(offered("@ann"), [true, "ann", "ann lee", "Mary Ann"]);
  assertEquals(offered("@ann "), [true, "ann lee"]);
  assertEquals(offered("@"), [true, "ann lee", "ann", "Mary Ann"]);
  assertEquals(offered("@ann hello"), undefined);
  assertEquals(offered("@ ann"), undefined);
  assertEquals(offered("@mary\na"), undefined);
});

Deno.test("the colours of names are spread, also over names that are alike", () => {
  const hue = (name: string) => avatar(name).attributes["data-hue"];
  for (const make of [(i: number) => `person ${i}`, (i: number) => `guest-${i.toString(36)}`]) {
    const counts = new Map<unknown, number>();
    for (let i = 0; i < 1000; i++) {
      const of = hue(make(i));
      counts.set(of, (counts.get(of) ?? 0) + 1);
    }
    assertEquals(counts.size, 10);
    assert(Math.max(...counts.values()) < 150, [...counts.values()].join());
  }
  // The letters of one word in another order.
  assert(new Set(["amy", "may", "yam", "mya", "aym", "yma"].map(hue)).size > 2);
});

Deno.test("an excerpt shows the first hit, and marks all", () => {
  const text = `${"far away ".repeat(30)}the Fox and the fox`;
  const pieces = excerpt(text, "fox");
  assertEquals(pieces.filter(({ hit }) => hit).map(({ text }) => text), ["Fox", "fox"]);
  assert(pieces[0]!.text.startsWith("…"));
  assertEquals(excerpt("a.b", "."), [
    { text: "a", hit: false },
    { text: ".", hit: true },
    { text: "b", hit: false },
  ]);
});

Deno.test("an excerpt marks what was found without its accents, mark and all", () => {
  const marked = (text: string, query: string) =>
    excerpt(text, query).map(({ text, hit }) => hit ? `[${text}]` : text).join("");
  assertEquals(marked("im Café noir", "CAFE"), "im [Café] noir");
  assertEquals(marked("im Cafe\u0301 noir", "café"), "im [Cafe\u0301] noir");
  assertEquals(marked("Straße, STRASSE", "strasse"), "[Straße], [STRASSE]");
  assertEquals(marked("ﬁn", "f"), "[ﬁ]n");
});

Deno.test("the days of a search begin where its reader is, and the server is told times", () => {
  const query = parseLocalQuery("tea from:ann after:2026-11-01 before:2026-11-01T10:00Z");
  assertEquals(query.since, new Date(2026, 10, 1).getTime());
  assertEquals(
    toServerQuery(query),
    `tea from:"ann" after:${new Date(2026, 10, 1).toISOString()} before:2026-11-01T10:00:00.000Z`,
  );
  assertEquals(parseSearchQuery(toServerQuery(query)), query);
  assertEquals(toServerQuery(parseLocalQuery(" ")), "");
});

Deno.test("law: an excerpt is made of the text, whatever is searched for", () => {
  fc.assert(fc.property(fc.string({ unit: "grapheme" }), fc.string(), (text, query) => {
    const shown = excerpt(text, query).map((piece) => piece.text).join("").replaceAll("…", "");
    assert(text.replace(/\s+/g, " ").replaceAll("…", "").toWellFormed().includes(shown));
  }));
});

Deno.test("joins and leaves are folded into one line, and cancel out", () => {
  const moves = new Moves();
  for (const name of ["ann", "bob", "cy"]) moves.join(name);
  moves.leave("cy");
  moves.leave("dee");
  assertEquals(moves.text(EN), "ann and bob joined · dee left");
  moves.join("dee");
  assertEquals(moves.text(EN), "ann and bob joined");
  moves.clear();
  assertEquals(moves.text(EN), "");
});

Deno.test("a key does what the sheet of shortcuts says, and a letter that is written is a letter", () => {
  const press = (
    key: string,
    held: Partial<Record<"ctrlKey" | "metaKey" | "altKey", true>> = {},
  ) => ({
    key,
    code: "",
    ctrlKey: false,
    metaKey: false,
    altKey: false,
    ...held,
  });
  const alone = ["/", "?", "k", "c", "ArrowUp"].map((key) => actionOf(press(key), false));
  assertEquals(alone, ["search", "sheet", undefined, undefined, undefined]);
  assertEquals(actionOf(press("/"), true), undefined);
  assertEquals(actionOf(press("k", { ctrlKey: true }), true), "search");
  assertEquals(actionOf(press("K", { metaKey: true }), true), "search");
  assertEquals(actionOf(press("k", { ctrlKey: true, altKey: true }), true), undefined);
  assertEquals(actionOf(press("/", { ctrlKey: true }), true), "sheet");
  assertEquals(actionOf(press("ArrowUp", { ctrlKey: true }), true), "messages");
  // A keyboard that writes Korean, and one where Alt makes signs; but not one with another layout.
  assertEquals(actionOf({ ...press("ㅏ", { ctrlKey: true }), code: "KeyK" }, true), "search");
  assertEquals(actionOf({ ...press("ç", { altKey: true }), code: "KeyC" }, true), "write");
  assertEquals(actionOf({ ...press("t", { ctrlKey: true }), code: "KeyK" }, true), undefined);
  assertEquals(SHORTCUTS.filter(({ action }) => action).length, 5);
});

Deno.test("how far a log was seen is remembered, and means nothing in another log", () => {
  const storage = new FakeStorage();
  const seen = new Seen(storage, "k3x");
  assertEquals(seen.seq, undefined);
  seen.upTo(46);
  seen.upTo(12);
  assertEquals(new Seen(storage, "k3x").seq, 46);
  const other = new Seen(storage, "other");
  assertEquals(other.seq, undefined);
  other.upTo(0);
  assertEquals([other.seq, seen.seq], [0, undefined]);
  other.forget();
  assertEquals(other.seq, undefined);
});

Deno.test("a place in the log that was stored by nobody knows whom is none", () => {
  const storage = new FakeStorage();
  for (const nonsense of ["", "46", "k3x-", "-46", "k3x-4.6", "k3x--1", "k3x-1e3"]) {
    storage.setItem("partyline.seen", nonsense);
    assertEquals(new Seen(storage, "k3x").seq, undefined, nonsense);
  }
});

Deno.test("those who spoke lately can be mentioned, the last first, then all who are here", () => {
  const speakers = new Speakers();
  const here = { names: ["ann", "person 9", "person 10"] };
  speakers.spoke(["ann", "gone"]);
  speakers.spoke(["person 9"]);
  assertEquals(speakers.with(here), ["person 9", "gone", "ann", "person 10"]);
  speakers.rename("gone", "back");
  // So many are here that the server tells no names.
  assertEquals(speakers.with({ names: [] }), ["person 9", "back", "ann"]);
  speakers.spoke(Array.from({ length: 60 }, (_, i) => `guest ${i}`));
  const known = speakers.with({ names: [] });
  assertEquals([known.length, known[0]], [50, "guest 59"]);
});

Deno.test("settings that were stored by nobody knows whom are settings all the same", () => {
  const defaults = Object.fromEntries(
    Object.entries(CHOICES).map(([name, [first]]) => [name, first]),
  );
  for (const stored of [null, "", "nonsense", "null", "[]", `{"theme":"pink"}`]) {
    assertEquals(parseSettings(stored) as unknown, defaults);
  }
  assertEquals(parseSettings(`{"theme":"dark","x":1}`).theme, "dark");
});

function said(from: string, at: number, text = "x"): Message {
  return message(1, { at, from, text });
}
