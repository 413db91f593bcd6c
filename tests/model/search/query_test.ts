import { assertEquals, assertThrows } from "@std/assert";
import { Refusal } from "../../../lib/model/refusal.ts";
import { parseSearchQuery } from "../../../lib/model/search/query.ts";

const DAY = Date.UTC(2026, 10, 1);

Deno.test("filters stand anywhere among the words, and what is no filter is a word", () => {
  assertEquals(parseSearchQuery("lunch from:ann  today"), { words: "lunch   today", from: "ann" });
  assertEquals(parseSearchQuery("FROM:@林小雨"), { words: "", from: "林小雨" });
  assertEquals(parseSearchQuery('from:"ann lee" x'), { words: "x", from: "ann lee" });
  assertEquals(parseSearchQuery("after:2026-11-01 before:2026-11-02 x"), {
    words: "x",
    since: DAY,
    until: DAY + 86_400_000,
  });
  assertEquals(parseSearchQuery("from：小雨"), { words: "", from: "小雨" });
  for (const words of ["a from b", "xfrom:ann", "http://a.b", "subject:x", '"from:ann"']) {
    assertEquals(parseSearchQuery(words), { words });
  }
});

Deno.test("a filter without a value is none, and the last of two counts", () => {
  assertEquals(parseSearchQuery("from: before: x"), { words: "x" });
  assertEquals(parseSearchQuery("from:a from:b"), { words: "", from: "b" });
});

Deno.test("a time may have a zone, and a day begins when its reader says", () => {
  const since = (text: string) => parseSearchQuery(`after:${text}`).since;
  assertEquals(since("2026-11-01T12:30"), DAY + 12.5 * 3_600_000);
  assertEquals(since("2026-11-01T12:30:15Z"), DAY + 12.5 * 3_600_000 + 15_000);
  assertEquals(since("2026-11-01T12:30+02:00"), DAY + 10.5 * 3_600_000);
  const local = parseSearchQuery("after:2026-11-01", (year, month, day) => year + month + day);
  assertEquals(local.since, 2026 + 11 + 1);
});

Deno.test("what is no day is refused, with what was wanted", () => {
  for (
    const text of ["yesterday", "2026-13-01", "2026-02-31", "2026", "2026-11-01T99", "1.11.2026"]
  ) {
    const { code, message } = assertThrows(() => parseSearchQuery(`x before:${text}`), Refusal);
    assertEquals([code, message], [
      "bad_request",
      `before:${text}: wanted a day or a time, as in 2026-11-01 or 2026-11-01T12:00Z`,
    ]);
  }
});
