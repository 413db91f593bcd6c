import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { fileName } from "../../lib/files/mod.ts";

/** What was wished for, and what it becomes. */
const NAMES: [string | undefined, string][] = [
  ["photo.png", "photo.png"],
  ["Bildschirmfoto von gestern, 12:04.png", "Bildschirmfoto von gestern, 12_04.png"],
  ["größe.jpg", "größe.jpg"],
  ["사진.webp", "사진.webp"],
  ["../../etc/passwd", "passwd"],
  ["..\\..\\windows\\system.ini", "system.ini"],
  ["/", "file.bin"],
  ["C:\\fakepath\\a.txt", "a.txt"],
  ["file:///etc/hosts", "hosts"],
  [".bashrc", "bashrc"],
  ["...", "file.bin"],
  ["..", "file.bin"],
  ["a/..", "a"],
  ["-rf", "rf"],
  ["~", "file.bin"],
  ["name. . .", "name"],
  ["CON", "_CON"],
  ["nul.txt", "_nul.txt"],
  ["com1.tar.gz", "_com1.tar.gz"],
  ["LPT¹", "_LPT¹"],
  ["console.log", "console.log"],
  ["a\nb\r\nc.txt", "a b c.txt"],
  ["a\u0000.png\u0000.exe", "a.png.exe"],
  ["\u001b]0;evil\u0007ls.txt", "ls.txt"],
  ["invoice\u202egpj.exe", "invoicegpj.exe"],
  ["a\u2066b\u2069.txt", "ab.txt"],
  ["a\u200bb\ufeff.txt", "ab.txt"],
  ['a"b<c>d|e?f*g.txt', "a_b_c_d_e_f_g.txt"],
  ["a\ud800.txt", "a\ufffd.txt"],
  ["e\u0301.txt", "é.txt"],
  ["  two   words .txt ", "two words .txt"],
  ["", "file.bin"],
  [undefined, "file.bin"],
  [`${"x".repeat(296)}.png`, `${"x".repeat(56)}.png`],
  [`${"👍".repeat(300)}`, "👍".repeat(60)],
  [`a.${"x".repeat(300)}`, `a.${"x".repeat(58)}`],
];

Deno.test("a name is made harmless on any system, and stays what people know it by", () => {
  for (const [wished, name] of NAMES) assertEquals(fileName(wished, "bin"), name, wished);
});

Deno.test("whatever is wished for, a name can be saved by anybody, and is its own name", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 400 }), (wished) => {
      const name = fileName(wished, "bin");
      assertEquals(fileName(name, "bin"), name);
      assert(new TextEncoder().encode(name).length <= 255, "what a file system takes");
      assert(!/[\p{Cc}\p{Cf}/\\<>:"|?*]/u.test(name), name);
      assert(/^[^.\s-]/.test(name) && !/[.\s]$/.test(name), name);
    }),
    { numRuns: 2000 },
  );
});
