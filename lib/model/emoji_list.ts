/**
 * One emoji: itself, what it is called, its shortcodes and its other words (both separated by
 * spaces), the number of its group, and where it has skin tones, the five from light to dark.
 */
export type EmojiRow = readonly [
  emoji: string,
  label: string,
  shortcodes: string,
  words: string,
  group: number,
  ...tones: string[],
];

/** All emoji in one language, in the order in which a picker shows them. */
export interface EmojiList {
  /** The names of the groups, by number. */
  readonly groups: readonly string[];
  readonly emoji: readonly EmojiRow[];
}
