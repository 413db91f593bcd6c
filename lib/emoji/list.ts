import type { EmojiList, EmojiRow } from "../model/emoji_list.ts";

export type { EmojiList };

/** What the names of emoji come in: the tags that the page has for its languages. */
export type EmojiLanguage = keyof typeof SOURCES;

/** An emoji of the package's compact form, as far as it is used. */
interface Compact {
  readonly hexcode: string;
  readonly unicode: string;
  readonly label: string;
  readonly tags?: readonly string[];
  readonly group?: number;
  readonly skins?: readonly { readonly hexcode: string; readonly unicode: string }[];
}

interface Messages {
  readonly groups: readonly { readonly message: string; readonly order: number }[];
}

type Shortcodes = Readonly<Record<string, string | readonly string[]>>;

/** Group of the parts that emoji are made of (skin tones, hair), which are no emoji to choose. */
const COMPONENTS = 2;

/** One emoji as Unicode recommends them for interchange. */
const RGI = /^\p{RGI_Emoji}$/v;

// Each is fetched with the program and read when it is asked for: they are half a megabyte each.
const SOURCES = {
  "en": () =>
    sourceOf([
      import("emojibase-data/en/compact.json", { with: { type: "json" } }),
      import("emojibase-data/en/messages.json", { with: { type: "json" } }),
    ]),
  "zh-Hans": () =>
    sourceOf([
      import("emojibase-data/zh/compact.json", { with: { type: "json" } }),
      import("emojibase-data/zh/messages.json", { with: { type: "json" } }),
    ]),
  "zh-Hant": () =>
    sourceOf([
      import("emojibase-data/zh-hant/compact.json", { with: { type: "json" } }),
      import("emojibase-data/zh-hant/messages.json", { with: { type: "json" } }),
    ]),
  "ko": () =>
    sourceOf([
      import("emojibase-data/ko/compact.json", { with: { type: "json" } }),
      import("emojibase-data/ko/messages.json", { with: { type: "json" } }),
    ]),
};

/** The languages there is a list in. */
export const EMOJI_LANGUAGES = Object.keys(SOURCES) as readonly EmojiLanguage[];

/**
 * All emoji in the order of Unicode, named in a language. Shortcodes are the same in every language:
 * those of emojibase, and those of GitHub, which people know by heart. Rejects where the package
 * cannot be read.
 */
export async function readEmojiList(language: EmojiLanguage): Promise<EmojiList> {
  const [[compact, messages], emojibase, github] = await Promise.all([
    SOURCES[language](),
    import("emojibase-data/en/shortcodes/emojibase.json", { with: { type: "json" } }),
    import("emojibase-data/en/shortcodes/github.json", { with: { type: "json" } }),
  ]);
  const codes: readonly Shortcodes[] = [emojibase.default, github.default];
  const groups = messages.groups.toSorted((a, b) => a.order - b.order);
  return {
    groups: groups.map(({ message }) => message),
    // What is newer than the runtime's Unicode would be refused as a reaction.
    emoji: compact.filter(({ group }) => group !== undefined && group !== COMPONENTS)
      .map((each) => rowOf(each, codes)).filter(([emoji]) => RGI.test(emoji)),
  };
}

async function sourceOf(
  [compact, messages]: [Promise<{ default: unknown }>, Promise<{ default: unknown }>],
): Promise<[readonly Compact[], Messages]> {
  return [(await compact).default as Compact[], (await messages).default as Messages];
}

function rowOf(
  { hexcode, unicode, label, tags = [], group = 0, skins = [] }: Compact,
  codes: readonly Shortcodes[],
): EmojiRow {
  const names = new Set(codes.flatMap((each) => each[hexcode] ?? []));
  // Five skins are one for each tone; where two people have one each there are more, left out here.
  const tones = skins.filter((skin) => new Set(skin.hexcode.match(/1F3F[B-F]/g)).size === 1)
    .map((skin) => qualified(skin.unicode));
  return [
    qualified(unicode),
    label,
    [...names].join(" "),
    tags.join(" "),
    group,
    ...tones.every((tone) => RGI.test(tone)) ? tones : [],
  ];
}

/** As Unicode writes it: the package adds U+FE0F also to what is an emoji without it. */
function qualified(emoji: string): string {
  const without = emoji.replaceAll("\ufe0f", "");
  return [without, emoji].find((each) => RGI.test(each)) ?? emoji;
}
