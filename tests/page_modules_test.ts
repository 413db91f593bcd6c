// What of the page is pure, without a browser.
import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { backoffMs } from "../static/backoff.ts";
import { action, COMMANDS, parseTyped } from "../static/commands.ts";
import { complete } from "../static/completion.ts";
import { excerpt } from "../static/excerpt.ts";
import { parseEvents } from "../static/lines.ts";
import { Locale } from "../static/locale.ts";
import { continues } from "../static/message_view.ts";
import { Moves } from "../static/moves.ts";
import { People } from "../static/people.ts";
import { CHOICES, parseSettings } from "../static/settings.ts";
import {
  chooseLanguage,
  ENGLISH,
  isStringKey,
  LANGUAGES,
  say,
  type StringKey,
} from "../static/strings.ts";

const EN = new Locale("en", { timeZone: "UTC" });

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

Deno.test("every command of the page is explained in every language", () => {
  for (const { name, where } of COMMANDS.filter(({ where }) => where.includes("page"))) {
    assert(isStringKey(`cmd${name[0]!.toUpperCase()}${name.slice(1)}`), `${name} for ${where}`);
  }
});

Deno.test("every string is there in every language, with the same values to put in", () => {
  const keys = Object.keys(LANGUAGES) as (keyof typeof LANGUAGES)[];
  const marks = Object.fromEntries(
    "n a b q room name names from".split(" ").map((name) => [name, `<${name}>`]),
  );
  const used = (text: string) => [...text.matchAll(/<\w+>/g)].map(String).toSorted();
  for (const key of Object.keys(ENGLISH) as StringKey[]) {
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
  assertEquals(new Locale("en", { clock: "24", timeZone: "UTC" }).time(at), "23:30");
  assertEquals(new Locale("en", { region: "en-GB", timeZone: "Asia/Seoul" }).time(at), "08:30");
  assertEquals(EN.day(at, at), "Today");
  assertEquals(EN.day(at, at + 86_400_000), "Yesterday");
  assert(EN.day(at, at + 400 * 86_400_000).includes("2026"));
  assert(!EN.sameDay(at, at + 3_600_000));
  assert(new Locale("en", { timeZone: "Asia/Seoul" }).sameDay(at, at + 3_600_000));
});

Deno.test("names are listed, and more than fit are counted", () => {
  assertEquals(EN.names(["ann"], 3), "ann");
  assertEquals(EN.names(["ann", "bob"], 3), "ann and bob");
  assertEquals(EN.names(["a", "b", "c", "d", "e"], 3), "a, b, c and 2 more");
});

Deno.test("who goes on is not named again; after a pause, an action or a night they are", () => {
  const said = (from: string, at: number, text = "x") => ({
    type: "message" as const,
    seq: 1,
    at,
    from,
    text,
  });
  assert(continues(said("ann", 0), said("ann", 60_000), EN));
  assert(!continues(said("ann", 0), said("bob", 0), EN));
  assert(!continues(said("ann", 0), said("ann", 600_000), EN));
  assert(!continues(said("ann", 0), said("ann", 0, "/me waves"), EN));
  assert(!continues(said("ann", 86_399_000), said("ann", 86_401_000), EN));
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
  assertEquals(offered("/na"), ["/name "]);
  assertEquals(offered("say /na"), undefined);
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

Deno.test("law: an excerpt is made of the text, whatever is searched for", () => {
  fc.assert(fc.property(fc.string({ unit: "grapheme" }), fc.string(), (text, query) => {
    const shown = excerpt(text, query).map((piece) => piece.text).join("").replaceAll("…", "");
    assert(text.replace(/\s+/g, " ").replaceAll("…", "").toWellFormed().includes(shown));
  }));
});

Deno.test("who comes and goes is folded, and who only passed is not told", () => {
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

Deno.test("people are listed by name as long as all names are known", () => {
  const people = new People();
  people.set(2, ["bob", "ann"]);
  people.join("cy", 3);
  people.rename("bob", "rob");
  people.leave("ann", 2);
  assertEquals([people.count, people.names], [2, ["cy", "rob"]]);
  people.set(300, undefined);
  people.join("dee", 301);
  assertEquals([people.count, people.names], [301, []]);
});

Deno.test("the pause after failures is random, and its bound doubles from 0.5 to 30 seconds", () => {
  const bounds = [1, 2, 3, 7, 50].map((failures) => backoffMs(failures, () => 1));
  assertEquals(bounds, [500, 1000, 2000, 30_000, 30_000]);
  assertEquals(backoffMs(50, () => 0), 0);
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

Deno.test("events that cannot be read are ignored, and the others are not", () => {
  assertEquals(parseEvents([`{"type":"live","seq":1}`, "{", "", "null", "1", `{"x":1}`]), [
    { type: "live", seq: 1 },
  ]);
});
