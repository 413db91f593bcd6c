import type { Message } from "../model/message.ts";
import { action } from "../wire/action.ts";
import { filesView } from "./files_view.ts";
import type { Locale } from "./locale.ts";
import { isOnlyEmoji, mentions, parseMarkup, plainText, withoutFences } from "./markup.ts";
import { type Quoted, quoteView } from "./quote_view.ts";
import { reactionsView } from "./reactions_view.ts";
import { tokenView } from "./token_view.ts";
import { type Branch, type Tree, tree } from "./tree.ts";

/** The person something is shown to. */
export interface Viewer {
  readonly locale: Locale;
  /** Their name, once they have one. */
  readonly self?: string | undefined;
  /** Whether they are an operator. */
  readonly operator?: boolean;
}

/** A text of more lines or characters than this is folded. */
const FOLD_LINES = 16;
const FOLD_CHARACTERS = 1600;

/**
 * A message by itself. What depends on the message before it is added by the caller: the classes of
 * `relate`, and `dayView` above the first message of a day. `quoted` is the message that it answers,
 * where it answers one, as far as the caller knows it.
 */
export function messageView(entry: Message, viewer: Viewer, quoted?: Quoted): Branch {
  const { seq, at, from, text, re, deleted, reactions = [], files = [] } = entry;
  const { locale, self } = viewer;
  const acted = action(text);
  const classes = [
    self !== undefined && from !== self && mentions(text, self) && "mentions-me",
    from === self && "mine",
    acted !== undefined && "action",
    files.length > 0 && "with-files",
    re !== undefined && !deleted && "reply",
    deleted && "deleted",
  ].filter(Boolean).join(" ");
  return tree(
    "chat-message",
    { id: seq, class: classes || undefined, role: "article", tabindex: -1 },
    avatar(from),
    tree(
      "header",
      {},
      tree("b", { class: "from", dir: "auto" }, from),
      " ",
      tree(
        "a",
        { class: "time", href: `#${seq}`, tabindex: -1, title: locale.full(at) },
        tree("time", { datetime: new Date(at).toISOString() }, ...timeView(at, locale)),
      ),
    ),
    ...(re !== undefined && !deleted ? [quoteView(entry, quoted, locale)] : []),
    ...(deleted ? [deletedView(locale)] : contentView(entry, viewer)),
    ...(reactions.length > 0 ? [reactionsView(reactions, viewer)] : []),
  );
}

/** The text and the files; files alone have no text. */
function contentView(entry: Message, viewer: Viewer): Branch[] {
  const { text, files = [] } = entry;
  return [
    ...(text === "" ? [] : bodyView(entry, viewer)),
    ...(files.length > 0 ? [filesView(files, viewer.locale)] : []),
  ];
}

/** In the place of what somebody deleted. */
function deletedView(locale: Locale): Branch {
  return tree("div", { class: "text" }, locale.say("gone"));
}

/** Behind the text: that it was changed, and when. */
function editedView(at: number, locale: Locale): Branch {
  const title = locale.say("editedAt", { time: locale.full(at) });
  return tree(
    "time",
    { class: "edited", datetime: new Date(at).toISOString(), title },
    locale.say("edited"),
  );
}

/** Opens the menu of what an operator can do about somebody. */
export function moderateButton(name: string, locale: Locale): Branch {
  const label = locale.say("moderate", { name });
  return tree(
    "button",
    { "class": "moderate", "type": "button", "data-moderate": name, "aria-label": label },
    "⋯",
  );
}

/** AM or PM is an element of its own, which narrow layouts hide. */
function timeView(at: number, locale: Locale): Tree[] {
  const [time, period] = [locale.time(at), locale.halfOfDay(at)];
  if (period === undefined) return [time];
  const [before = "", after = ""] = time.split(period);
  return [before, tree("small", {}, period), after];
}

/** What follows the name: the text, folded if it is long. Of an action, the actor is shown before it. */
function bodyView({ seq, from, text: said, edited }: Message, { locale, self }: Viewer): Branch[] {
  const acted = action(said);
  const text = acted ?? said;
  const lines = withoutFences(text).split("\n").length;
  const long = lines > FOLD_LINES || text.length > FOLD_CHARACTERS;
  const classes = ["text", long && "folded", isOnlyEmoji(text) && "emoji"].filter(Boolean).join(
    " ",
  );
  const who = acted === undefined ? [] : [tree("b", { dir: "auto" }, from), " "];
  const tokens = parseMarkup(text, { self, seq }).map((token) => tokenView(token, locale));
  const after = edited === undefined ? [] : [" ", editedView(edited, locale)];
  const body = tree("div", { class: classes, dir: "auto" }, ...who, ...tokens, ...after);
  if (!long) return [body];
  const label = lines > FOLD_LINES ? locale.say("showLines", { n: lines }) : locale.say("showAll");
  const unfold = {
    "class": "unfold quiet",
    "type": "button",
    "aria-expanded": "false",
    "data-other": locale.say("showLess"), // what it says once the text is shown
  };
  return [body, tree("button", unfold, label)];
}

/** A message as plain text; an action begins with the name of its sender. */
export function plainMessage({ from, text, files = [] }: Message): string {
  const acted = action(text);
  if (text === "") return files.map(({ name }) => name).join(", ");
  return acted === undefined ? plainText(text) : `${from} ${plainText(acted)}`;
}

/**
 * A letter on a coloured ground, both derived from the name, so that people are told apart at a
 * glance.
 */
export function avatar(name: string): Branch {
  const [letter = "?"] = name.replace(/^guest-/, "").toUpperCase();
  return tree("span", { class: "avatar", "data-hue": hueOf(name), "aria-hidden": "true" }, letter);
}

export function dayView(at: number, now: number, locale: Locale): Branch {
  return tree("h2", { class: "day" }, tree("span", {}, locale.day(at, now)));
}

/** After a pause of this length the name is shown again. */
const PAUSE_MS = 5 * 60_000;

/** How an entry relates to the one right above it. The keys are classes. */
export interface Relation {
  /** The same person goes on, so the name is not shown again. */
  readonly continued: boolean;
  /** The time would read the same as above. */
  readonly "same-minute": boolean;
}

export const NO_RELATION: Relation = { "continued": false, "same-minute": false };

export function relate(before: Message, entry: Message, locale: Locale): Relation {
  return {
    "continued": continues(before, entry, locale),
    // Without a time zone: they all differ by whole minutes.
    "same-minute": Math.floor(before.at / 60_000) === Math.floor(entry.at / 60_000),
  };
}

/** Whether the same person goes on, soon enough and on the same day. */
function continues(before: Message, entry: Message, locale: Locale): boolean {
  return before.from === entry.from && entry.at - before.at < PAUSE_MS &&
    locale.sameDay(before.at, entry.at) && entry.re === undefined &&
    !before.deleted && !entry.deleted &&
    action(before.text) === undefined && action(entry.text) === undefined;
}

/** How many hues the style sheet has; they are numbered from 0. */
const HUES = 10;

/**
 * By FNV-1a, and MurmurHash3's mixing at its end, which spreads names that differ in one letter: a sum
 * of the letters would be the same for many.
 */
function hueOf(name: string): number {
  let hash = 0x811c9dc5;
  for (const character of name) hash = Math.imul(hash ^ character.codePointAt(0)!, 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) % HUES;
}
