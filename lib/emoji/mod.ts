// Every emoji with its names, in the languages of the page.
export { EMOJI_LANGUAGES, type EmojiLanguage, type EmojiList, readEmojiList } from "./list.ts";
