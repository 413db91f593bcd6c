import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { ALL_FEATURES } from "../../lib/model/features.ts";
import { renderPage } from "../../lib/page/render.ts";
import type { FirstScreen } from "../../lib/view/first_screen.ts";

const OPTIONS = { base: "/_/v/", language: "en", now: 0 } as const;

function screen(...said: [from: string, text: string, at?: number][]): FirstScreen {
  const entries = said.map(([from, text, at = 0], i) => ({
    type: "message" as const,
    seq: i + 1,
    at,
    from,
    text,
  }));
  return {
    room: "lobby",
    topic: "",
    epoch: "k",
    first: 1,
    last: entries.length,
    entries,
    limits: { text: 4000, name: 32 },
    features: ALL_FEATURES,
  };
}

Deno.test("what people wrote is text, in the rows and in the data", () => {
  const hostile = `</script><script>alert(1)</script><img onerror="x">&amp; {{room}} $&`;
  const html = renderPage("{{rows}}\n{{screen}}", screen([hostile, hostile]), OPTIONS);
  const [rows = "", data = ""] = html.split("\n");
  assert(!rows.includes("<script"), rows);
  assert(!rows.includes("<img"), rows);
  assertStringIncludes(rows, "&#60;/script&#62;");
  assertStringIncludes(rows, "{{room}} $&#38;");
  assertEquals(data.match(/<\/?script/g), ["<script", "</script"]);
  const json = data.replace(/^<script[^>]*>|<\/script>$/g, "");
  assertEquals(JSON.parse(json).entries[0].text, hostile);
});

Deno.test("rows are as the page builds them: days, authors, markup, times in UTC", () => {
  const day = 86_400_000;
  const html = renderPage(
    "{{rows}}",
    screen(["ann", "**hi**"], ["ann", "again", 1000], ["bob", "next day", day + 60_000]),
    { ...OPTIONS, now: 10 * day },
  );
  assertEquals(html.match(/class="day"/g)?.length, 2);
  assertEquals(html.match(/class="continued same-minute"/g)?.length, 1);
  assertStringIncludes(html, "<strong>hi</strong>");
  assertStringIncludes(html, ">00:01</time>");
  assertStringIncludes(html, `<chat-message id="3"`);
});

Deno.test("it speaks the language it is asked for", () => {
  const page = renderPage("{{lang}} {{send}}", screen(), { ...OPTIONS, language: "zh-Hant" });
  assertEquals(page, "zh-Hant 傳送");
});

Deno.test("a place in the template that nothing is put into is an error, not a hole", () => {
  assertThrows(() => renderPage("{{nonsense}}", screen(), OPTIONS), TypeError, "nonsense");
});
