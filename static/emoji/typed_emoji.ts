import { begunShortcode, hasShortcode } from "./code_pattern.ts";
import { Shortcodes } from "./shortcodes.ts";
import type { EmojiList } from "../../lib/model/emoji_list.ts";
import type { Completion } from "../composer/completion.ts";

/** More would be a list to read rather than a choice. */
const MOST = 8;
/** Who sends a code waits for its emoji so long at most; then the code is sent. */
const LOAD_MS = 3000;

/** `:smile:` while it is typed. The list of emoji is loaded with the first code that is begun. */
export class TypedEmoji {
  readonly #loaded: () => void;
  #language = "en";
  /** Undefined until it is loaded. */
  #codes: Shortcodes | undefined;
  #loading: Promise<void> | undefined;
  /** It cannot be had now: codes are sent as they are. */
  #failed = false;

  /** `loaded` is called when there is more to suggest. */
  constructor(loaded: () => void) {
    this.#loaded = loaded;
  }

  /** The language of the page, whose list the picker shows too. */
  set language(language: string) {
    this.#language = language;
  }

  complete(text: string, caret: number): Completion | undefined {
    const begun = begunShortcode(text, caret);
    if (begun === undefined) return undefined;
    if (!this.#codes) {
      this.load().then(this.#loaded);
      return undefined;
    }
    const options = this.#codes.find(begun, MOST)
      .map(({ emoji, code }) => ({ insert: `${emoji} `, what: `${emoji} :${code}:` }));
    return options.length > 0 ? { start: caret - begun.length, options, open: false } : undefined;
  }

  /** The emoji whose code has just been closed before the caret. */
  closed(text: string, caret: number): { emoji: string; start: number } | undefined {
    return this.#codes?.before(text, caret);
  }

  /** Whether the text has codes whose emoji are not known yet, and may be after `load`. */
  mustLoad(text: string): boolean {
    return !this.#codes && !this.#failed && hasShortcode(text);
  }

  replace(text: string): string {
    return this.#codes?.replace(text) ?? text;
  }

  /** Resolves when the emoji are there, or cannot be had now. */
  load(): Promise<void> {
    this.#failed = false;
    return this.#loading ??= this.#load();
  }

  async #load(): Promise<void> {
    try {
      const signal = AbortSignal.timeout(LOAD_MS);
      const response = await fetch(`emoji-${this.#language}.json`, { signal });
      this.#codes = new Shortcodes(await response.json() as EmojiList);
    } catch {
      this.#failed = true; // offline, say: the next code tries again
      this.#loading = undefined;
    }
  }
}
