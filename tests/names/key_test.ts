import { assert, assertEquals, assertNotEquals } from "@std/assert";
import fc from "fast-check";
import confusables from "unhomoglyph/data.json" with { type: "json" };
import { isReserved } from "../../lib/names/authority.ts";
import { lookOf, nameKey } from "../../lib/names/key.ts";

const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
const plain = fc.string({ unit: fc.constantFrom(...letters, " ", "-", "_"), maxLength: 6 });
const anything = fc.string({
  unit: fc.oneof(
    fc.constantFrom(...letters, ..."аеосрхуіАВЕНКМОРСТХνυηΝΥΗέüß漢한ا "),
    fc.constantFrom(...Object.keys(confusables)),
    fc.nat(0x2fff).map((code) => String.fromCodePoint(code)),
  ),
  maxLength: 8,
});

Deno.test("names that look alike are the same name", () => {
  const same = [
    ["ann", "Ann", "ANN", "ａｎｎ", "𝐚𝐧𝐧", "\u0430nn", "\u0391nn", "ɑnn", "a\u034fnn", "an\u200dn"],
    ["ian", "Ian", "lan", "1an", "|an", "Іan"],
    ["bob", "b0b", "B\u041eB", "ЬОЬ"],
    ["arnold", "amold", "ARNOLD", "AMOLD"],
    ["coco", "\u0441\u043e\u0441\u043e", "СОСО"],
    ["Straße", "STRASSE"],
    ["Нина", "НИНА", "Hина"],
    ["ΟΔΟΣ", "οδος", "Oδος"],
    ["νέω", "ΝΈΩ", "vέω", "NΈΩ"],
    ["véra", "νéra", "VÉRA", "ve\u0301ra"],
    ["Nguyễn", "NGUYỄN", "Nguye\u0302\u0303n"],
  ];
  for (const names of same) assertEquals(new Set(names.map(nameKey)).size, 1, names.join(" "));
});

Deno.test("names that a reader tells apart are not the same", () => {
  const names = [
    ...[
      "ann",
      "anne",
      "anna",
      "änn",
      "ánn",
      "nan",
      "van",
      "vera",
      "nera",
      "ivy",
      "inu",
      "yes",
      "ues",
    ],
    ...[
      "Оля",
      "Сля",
      "Вера",
      "Нера",
      "Ира",
      "σοφ",
      "φως",
      "hans",
      "nans",
      "王",
      "玉",
      "한",
      "안",
      "Нина",
      "Инна",
      "an n",
      "ann2",
      "ann3",
      "bo",
      "do",
    ],
  ];
  assertEquals(new Set(names.map(nameKey)).size, names.length);
  for (const [at, letter] of [...letters.slice(0, 26)].entries()) {
    for (const other of letters.slice(at + 1, 26)) {
      if (letter + other !== "il") assertNotEquals(nameKey(letter), nameKey(other));
    }
  }
});

Deno.test("each pair of Unicode's table is the same in any Latin name", () => {
  let tried = 0;
  for (const [one, other] of Object.entries(confusables)) {
    // What the other form stands for, the table does not ask: `ſ` is an `s` and looks like an `f`.
    const form = one.normalize("NFKC");
    const look = lookOf(form).normalize("NFC");
    if (form !== one || !/^[\x21-\x7e]+$/.test(look)) continue;
    for (const [before, after] of [["", ""], ["xy", "q"], ["Bob ", ""], ["", " Bob"]]) {
      const [a, b] = [before + one + after, before + other + after];
      assertEquals(nameKey(a!), nameKey(b!), `${a} ${b} U+${one.codePointAt(0)?.toString(16)}`);
    }
    tried++;
  }
  assert(tried > 600, `${tried}`);
});

Deno.test("no case of the letters of a language makes two names of one", () => {
  const scripts = "\\p{Script=Latin}\\p{Script=Cyrillic}\\p{Script=Armenian}\\p{Script=Georgian}";
  const cased = new RegExp(`[${scripts}]`, "u");
  for (let code = 0; code < 0x3000; code++) {
    const letter = String.fromCodePoint(code);
    if (!cased.test(letter) || !/\p{L}/u.test(letter)) continue;
    // In a word that looks like no other script's.
    const [small, capital] = [letter.toLowerCase(), letter.toUpperCase()];
    assertEquals(
      nameKey(`ж${small}ж`),
      nameKey(`Ж${capital}Ж`),
      `U+${code.toString(16)} ${letter}`,
    );
  }
});

Deno.test("the key of a key is the key, and what leaves no mark does not count", () => {
  fc.assert(
    fc.property(anything, (name) => {
      const key = nameKey(name);
      assertEquals(nameKey(key), key);
      assertEquals(nameKey([...name].join("\u034f")), nameKey(name.normalize("NFKC")));
    }),
    { numRuns: 3000 },
  );
});

Deno.test("the short way for plain names leads where the long one does", () => {
  fc.assert(fc.property(plain, (name) => {
    assertEquals(nameKey(name), nameKey(`${name}\u034f`));
    assertEquals(nameKey(name), nameKey(name.toUpperCase()));
  }));
});

Deno.test("nobody can pass for the server or its keepers", () => {
  const reserved = [
    ...[
      "server",
      "Server",
      "SYSTEM",
      "ｏｐｅｒａｔｏｒ",
      "Admin",
      "root",
      "guest",
      "GUEST",
      "guеst",
    ],
    ...[
      "Adm1n",
      "0perator",
      "Ѕystem",
      "\u0430dmin",
      "admin2",
      "server2",
      "admins",
      "ádmin",
      "@dmin",
    ],
    ...[
      "S Y S T E M",
      "ad-min",
      "Ann (admin)",
      "operator-bob",
      "moderat0r",
      "s3rver",
      "r00t",
      "sy$tem",
    ],
    ...["administrat0r", "sysadm1n", "p4rtyl1ne", "管理员", "관리자", "系統", "ΑDΜIN", "ADMIN !"],
  ];
  assertEquals(reserved.filter((name) => !isReserved(name)), []);
  const people = [
    ...["ann", "servers", "guest-a2b3", "guest-2345", "guest2", "adminton", "System of a Down"],
    ...["root beer", "Model", "Modest", "opal", "Operetta", "Rooter", "Стёпа", "管理", "badminton"],
  ];
  assertEquals(people.filter(isReserved), []);
});
