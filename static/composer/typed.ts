// What helps while something is typed and reads what was: loaded with the first key.
import type { Features } from "../../lib/model/features.ts";
import type { Locale } from "../../lib/view/locale.ts";
import { TypedEmoji } from "../emoji/typed_emoji.ts";
import { begunMention, complete } from "./completion.ts";
import { commandsWith } from "./perform.ts";
import { SuggestionList } from "./suggestion_list.ts";

export { perform } from "./perform.ts";

/** What can be suggested. */
export interface Offers {
  /** The names that @ completes. */
  readonly names: readonly string[];
  /** What there is, and with that the commands that a slash completes. */
  readonly features: Features;
  /** Whether those of operators are among them. */
  readonly operator: boolean;
}

/** The suggestions above the field, and the emoji whose codes are typed. */
export class TypingHelp {
  readonly #emoji: TypedEmoji;
  readonly #suggestions: SuggestionList;

  /**
   * `take` is called with the text to put in the place of what was typed from `start` on; `more` when
   * there is more to suggest than before.
   */
  constructor(
    field: HTMLTextAreaElement,
    locale: Locale,
    { take, more }: { take: (insert: string, start: number) => void; more: () => void },
  ) {
    this.#emoji = new TypedEmoji(more);
    this.#emoji.language = locale.language;
    this.#suggestions = new SuggestionList(field, take);
    this.#suggestions.locale = locale;
  }

  /** Suggests what fits what is typed up to the caret; undefined: something is selected. */
  suggest(text: string, caret: number | undefined, offers: Offers): void {
    const { names, features, operator } = offers;
    this.#suggestions.show(
      caret === undefined
        ? undefined
        : complete(text, caret, names, commandsWith(features, operator)) ??
          this.#emoji.complete(text, caret),
    );
  }

  hide(): void {
    this.#suggestions.show(undefined);
  }

  /** Handles a key of the field; true where it was for the suggestions. */
  press(event: KeyboardEvent): boolean {
    return this.#suggestions.press(event);
  }

  /** What is typed of a mention before the caret, without its @; undefined where there is none. */
  begunMention(text: string, caret: number): string | undefined {
    return begunMention(text, caret);
  }

  /** The emoji, for the codes in what is typed. */
  get emoji(): Pick<TypedEmoji, "closed" | "mustLoad" | "load" | "replace"> {
    return this.#emoji;
  }
}
