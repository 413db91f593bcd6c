import type { EmojiRow } from "../../lib/model/emoji_list.ts";
import type { TextStorage } from "../base/storage.ts";

const RECENT_KEY = "partyline.emoji";
const TONE_KEY = "partyline.tone";
/** Two lines of the picker. */
const MOST = 16;
/** What most people reach for, until one has chosen others. */
const USUAL = ["👍", "❤️", "😂", "🎉", "😮", "🙏"];

/** No tone, then the five of Unicode from light to dark. */
export type Tone = 0 | 1 | 2 | 3 | 4 | 5;

/** The emoji that somebody has chosen lately, and their skin tone: kept by the browser. */
export class OwnEmoji {
  readonly #storage: TextStorage;

  constructor(storage: TextStorage) {
    this.#storage = storage;
  }

  /** The newest first; at least as many as are usual. */
  get recent(): readonly string[] {
    const chosen = parse(this.#storage.getItem(RECENT_KEY));
    return [...new Set([...chosen, ...USUAL])].slice(0, Math.max(USUAL.length, chosen.length));
  }

  chose(emoji: string): void {
    const recent = [...new Set([emoji, ...parse(this.#storage.getItem(RECENT_KEY))])];
    this.#storage.setItem(RECENT_KEY, JSON.stringify(recent.slice(0, MOST)));
  }

  get tone(): Tone {
    const kept = Number(this.#storage.getItem(TONE_KEY));
    return isTone(kept) ? kept : 0;
  }

  set tone(tone: Tone) {
    this.#storage.setItem(TONE_KEY, String(tone));
  }
}

export function isTone(value: number): value is Tone {
  return Number.isInteger(value) && value >= 0 && value <= 5;
}

/** The emoji in the tone, where it has tones. */
export function toned([emoji, , , , , ...tones]: EmojiRow, tone: Tone): string {
  return tones[tone - 1] ?? emoji;
}

function parse(kept: string | null): string[] {
  try {
    const list: unknown = JSON.parse(kept ?? "[]");
    if (Array.isArray(list)) return list.filter((each) => typeof each === "string").slice(0, MOST);
  } catch {
    // best effort: somebody else has written there
  }
  return [];
}
