import { LETTER } from "../../lib/view/markup.ts";

/** Code, which is sent as it is, or `:smile:` where it is no part of a word, a time or an address. */
export const CODE = new RegExp(
  "```[^]*?```|`[^`\\n]+`|" + `(?<!${LETTER}|[:/])(?<code>:[\\w+-]+:)(?!${LETTER})`,
  "giu",
);
/** What has been typed of a code up to the caret. One letter is a face, or the end of a sentence. */
const BEGUN = new RegExp(`(?<!${LETTER}|[:/])(?<begun>:[\\w+-]{2,})$`, "iu");
/** Whether the text has what may be a shortcode. */
export function hasShortcode(text: string): boolean {
  return text.matchAll(CODE).some(({ groups }) => groups?.["code"] !== undefined);
}

/** What is typed before the caret and may become a shortcode, with its colon; undefined if nothing. */
export function begunShortcode(text: string, caret: number): string | undefined {
  return BEGUN.exec(text.slice(0, caret))?.groups?.["begun"];
}
