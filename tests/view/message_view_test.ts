import { assert, assertEquals, assertMatch } from "@std/assert";
import { Locale } from "../../lib/view/locale.ts";
import { STRINGS } from "../../lib/view/strings/all.ts";
import { messageView, relate } from "../../lib/view/message_view.ts";
import { excerptOf } from "../../lib/view/quote_view.ts";
import { toHtml } from "../../lib/view/tree.ts";
import { message } from "../support/fakes.ts";

const EN = new Locale("en", STRINGS.en, { timeZone: "UTC" });

Deno.test("an answer shows whom it answers and what that one said, as a link to it", () => {
  const answer = message(7, { re: 3, to: "bob" });
  const html = toHtml(messageView(answer, { locale: EN }, message(3, { from: "bob" })));
  assertMatch(html, /<a class="quote" href="#3" aria-label="In reply to bob: text 3">/);
  assertMatch(html, /<b dir="auto">bob<\/b> <span dir="auto">text 3<\/span><\/a>/);
  const unknown = toHtml(messageView(answer, { locale: EN }));
  assertMatch(unknown, /aria-label="In reply to bob"><b dir="auto">bob<\/b> <\/a>/);
  const gone = message(3, { from: "bob", text: "", deleted: true });
  assertMatch(
    toHtml(messageView(answer, { locale: EN }, gone)),
    /<i dir="auto">Message deleted<\/i>/,
  );
  assertMatch(toHtml(messageView(answer, { locale: EN }, "missing")), /no longer kept/);
});

Deno.test("an excerpt is one line, has no marks, and is cut between characters", () => {
  assertEquals(excerptOf(message(1, { text: "**two**\n\n`lines`" }), EN), "two lines");
  assertEquals(excerptOf(message(1, { text: "/me waves" }), EN), "waves");
  const long = excerptOf(message(1, { text: "👍".repeat(200) }), EN);
  assert(long.length < 160 && long.endsWith("👍…"), long);
  const odd = excerptOf(message(1, { text: `x${"👍".repeat(200)}` }), EN);
  assert(odd.isWellFormed(), odd);
  const files = [{ id: "a", name: "photo.png", type: "image/png", size: 1 }];
  assertEquals(excerptOf(message(1, { text: "", files }), EN), "photo.png");
});

Deno.test("what was deleted is one quiet line, of which nothing else is told", () => {
  const gone = message(5, { text: "", deleted: true, re: 2, to: "bob", from: "ann" });
  const html = toHtml(messageView(gone, { locale: EN, self: "ann" }, message(2)));
  assertMatch(html, /class="mine deleted"/);
  assertMatch(html, /<div class="text">Message deleted<\/div>/);
  assert(!html.includes("quote"));
  const next = message(6, { from: "ann" });
  assertEquals(relate(gone, next, EN).continued, false, "the name is shown again below");
  assertEquals(relate(message(4, { from: "ann" }), gone, EN).continued, false);
});

Deno.test("behind what was edited it says so, with the time in its title", () => {
  const edited = message(5, { text: "now", edited: Date.UTC(2026, 10, 21, 12, 30) });
  const html = toHtml(messageView(edited, { locale: EN }));
  assertMatch(html, /now <time class="edited" datetime="2026-11-21T12:30:00.000Z" title="Edited /);
  assertMatch(html, /title="Edited [^"]*21[^"]*12:30[^"]*">\(edited\)<\/time>/);
});

Deno.test("each emoji says how many chose it and who, and one's own are marked", () => {
  const reactions = [
    { emoji: "👍", count: 2, names: ["ann", "bob"] },
    { emoji: "🎉", count: 23, names: ["bob", "carl"] },
  ];
  const html = toHtml(messageView(message(5, { reactions }), { locale: EN, self: "ann" }));
  assertMatch(html, /aria-label="👍 2: ann and bob" aria-pressed="true">👍<span>2<\/span>/);
  assertMatch(html, /aria-label="🎉 23: bob, carl and 21 more" aria-pressed="false">/);
  const hostile = [{ emoji: `"><script>`, count: 1, names: [`"><b>`] }];
  const escaped = toHtml(messageView(message(5, { reactions: hostile }), { locale: EN }));
  assert(!escaped.includes("<script>") && !escaped.includes(`"><b>`));
});
