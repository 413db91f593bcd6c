import { fold } from "../../lib/model/search/fold.ts";
import type { EmojiRow } from "../../lib/model/emoji_list.ts";

/** More than this nobody looks through. */
const MOST = 120;

/**
 * Emoji whose name, shortcodes or other words have all the words of the query: first those of which a
 * shortcode or the name is or begins with it. Pure.
 */
export function findEmoji(rows: readonly EmojiRow[], query: string): readonly EmojiRow[] {
  const words = folded(query).split(/\s+/u).filter((word) => word !== "");
  if (words.length === 0) return [];
  const whole = words.join(" ");
  const found: { row: EmojiRow; rank: number }[] = [];
  for (const row of rows) {
    const [emoji, label, codes, tags] = row;
    if (emoji === query.trim()) return [row];
    const text = ` ${folded(`${label} ${codes.replaceAll("_", " ")} ${codes} ${tags}`)}`;
    if (!words.every((word) => text.includes(word))) continue;
    const names = [label, ...codes.split(" ")].map(folded);
    const rank = names.includes(whole)
      ? 0
      : names.some((name) => name.startsWith(whole))
      ? 1
      : words.every((word) => text.includes(` ${word}`))
      ? 2
      : 3;
    found.push({ row, rank });
  }
  return found.toSorted((a, b) => a.rank - b.rank).slice(0, MOST).map(({ row }) => row);
}

/** As people search, and without colons, which stand around shortcodes and in names. */
function folded(text: string): string {
  return fold(text).replaceAll(":", "");
}
