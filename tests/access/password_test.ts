import { assert, assertEquals, assertMatch, assertNotEquals } from "@std/assert";
import { Password, passwordFault } from "../../lib/access/mod.ts";

const KEY = new Uint8Array(32).fill(7);

Deno.test("the password is the one that was given, and nothing that is nearly it", async () => {
  const password = await Password.open("öpen sesame", KEY);
  assert(await password.matches("öpen sesame"));
  // The same letters as another keyboard writes them.
  assert(await password.matches("öpen sesame".normalize("NFD")));
  for (const wrong of ["", "ö", "öpen sesam", "öpen sesame ", "Öpen sesame", "öpen sesame\0"]) {
    assertEquals(await password.matches(wrong), false, JSON.stringify(wrong));
  }
});

Deno.test("a proof is of one password under one key, and has nothing of the password in it", async () => {
  const proofOf = async (text: string, key = KEY) => (await Password.open(text, key)).proof;
  const proof = await proofOf("open sesame");
  assertEquals(await proofOf("open sesame"), proof);
  assertMatch(proof, /^[\w-]{22}$/);
  assertNotEquals(await proofOf("open sesamf"), proof);
  assertNotEquals(await proofOf("open sesame", new Uint8Array(32)), proof);
});

Deno.test("whatever is given is compared in one step that takes as long for all of it", async () => {
  const { subtle } = crypto;
  const verified: number[] = [];
  const password = await Password.open("open sesame", KEY);
  const original = subtle.verify;
  subtle.verify = function (...args: Parameters<SubtleCrypto["verify"]>) {
    // What is compared are MACs, of one length whatever was given.
    verified.push((args[2] as Uint8Array).length);
    return original.apply(subtle, args);
  } as SubtleCrypto["verify"];
  try {
    for (const given of ["open sesame", "", "x", "open sesamf", "o".repeat(10_000)]) {
      await password.matches(given);
    }
  } finally {
    subtle.verify = original;
  }
  assertEquals(verified, Array(5).fill(32));
  // And nothing else in the class compares texts.
  const source = String(Password.prototype.matches);
  assertEquals(source.match(/[!=]==?|localeCompare|indexOf|startsWith|includes/g), null);
});

Deno.test("what cannot be typed everywhere, or is guessed soon, is no password", () => {
  for (
    const [text, fault] of [
      ["", "has 0 characters; wanted 8 to 256"],
      ["x", "has 1 character; wanted 8 to 256"],
      ["sésame!", "has 7 characters; wanted 8 to 256"],
      ["x".repeat(257), "has 257 characters; wanted 8 to 256"],
      ["two\nlines of it", "has a line break or another control character; wanted one line"],
      ["tab\tin the midst", "has a line break or another control character; wanted one line"],
      ['{"type":"hello"}', "begins with {, which means something else over TCP"],
      ["Host: example.org", "begins with host:, which means something else over TCP"],
    ]
  ) assertEquals(passwordFault(text!), fault);
  for (
    const text of [
      "8 letter",
      "가나다라마바사아",
      " blanks at the ends ",
      "x".repeat(256),
      "🔑".repeat(8),
    ]
  ) {
    assertEquals(passwordFault(text), undefined, text);
  }
});
