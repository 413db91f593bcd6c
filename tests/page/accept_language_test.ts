import { assertEquals } from "@std/assert";
import { acceptedLanguages } from "../../lib/page/accept_language.ts";

Deno.test("languages come most wished for first, and unwanted ones not at all", () => {
  assertEquals(acceptedLanguages(null), []);
  assertEquals(acceptedLanguages("fr, ko;q=0.5, zh-TW;q=0.8, en;q=0.1"), [
    "fr",
    "zh-TW",
    "ko",
    "en",
  ]);
  assertEquals(acceptedLanguages("ko;q=0, de"), ["de"]);
});

Deno.test("a header that is not as it should be is read as far as it goes", () => {
  assertEquals(acceptedLanguages("ko;q=x,en"), ["ko", "en"]);
  assertEquals(acceptedLanguages(",,;=,ko"), ["ko"]);
  assertEquals(acceptedLanguages("ko,".repeat(10_000)).length, 16);
});
