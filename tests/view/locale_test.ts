import { assertEquals } from "@std/assert";
import { Locale } from "../../lib/view/locale.ts";
import { STRINGS } from "../../lib/view/strings/all.ts";

Deno.test("a day has its year where that is another than this one, in the reader's time zone", () => {
  const newYearsEve = Date.UTC(2025, 11, 31, 12);
  const later = Date.UTC(2026, 0, 20);
  const day = (timeZone: string) =>
    new Locale("en", STRINGS.en, { timeZone }).day(newYearsEve, later);
  assertEquals(day("UTC"), "Wednesday, December 31, 2025");
  assertEquals(day("Pacific/Kiritimati"), "Thursday, January 1");
});
