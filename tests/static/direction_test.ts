import { assertEquals } from "@std/assert";
import { filesIn } from "../architecture/tree.ts";

/** What is on the left or the right of the page whichever way its text runs. */
const PHYSICAL = [
  /\b(margin|padding|border)-(left|right)\b/,
  /(^|[\s;{])(left|right):/,
  /\b(text-align|float|clear): (left|right)\b/,
];

/** The buttons of the viewer lie where its keys and the swipes of a finger point to. */
const EXCEPTED = /picture_viewer\.css:\d+: (left|right): 0\.5rem;$/;

/** Of `top right bottom left` the two sides, where they differ. */
function isLopsided(line: string): boolean {
  const [, , value] = /^\s*(margin|padding|inset): (.+);$/.exec(line) ?? [];
  if (!value) return false;
  const parts = value.replace(" !important", "").replaceAll(/\([^()]*(\([^()]*\)[^()]*)*\)/g, "()")
    .split(" ");
  return parts.length === 4 && parts[1] !== parts[3];
}

Deno.test("the style sheets know the start and the end of a line, and neither left nor right", async () => {
  const sheets = (await filesIn("static/")).filter((path) => path.endsWith(".css"));
  const found = await Promise.all(sheets.map(async (path) => {
    const lines = (await Deno.readTextFile(new URL(`../../${path}`, import.meta.url))).split("\n");
    return lines.flatMap((line, i) =>
      isLopsided(line) || PHYSICAL.some((pattern) => pattern.test(line))
        ? [`${path}:${i + 1}: ${line.trim()}`]
        : []
    );
  }));
  assertEquals(found.flat().filter((line) => !EXCEPTED.test(line)), []);
});
