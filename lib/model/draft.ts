import { LIMITS } from "./message.ts";
import type { FileInfo } from "./message.ts";
import { Refusal } from "./refusal.ts";
import { clean, countCharacters } from "./text.ts";

/** An entry that is not stored yet. */
export type Draft = MessageDraft | TopicDraft | EditDraft | DeleteDraft | ReactionDraft;

/** What drafts of all kinds have. */
interface Drafted {
  /** A session's id, or for a post without a session its address and wished name: the scope of `id`. */
  readonly sender: string;
  /** The name shown with it, as it is at the time of posting. */
  readonly from: string;
  /** The sender's own key for it: the same id from the same sender is the same entry. */
  readonly id?: string;
}

export interface MessageDraft extends Drafted {
  readonly type?: "message";
  readonly text: string;
  /** The seq of the message that it answers. */
  readonly re?: number;
  readonly files?: readonly FileInfo[] | MissingFiles;
}

/**
 * Files that a message cannot have. It is refused for that where its id is new: the files of one that
 * was stored may have gone since, and it is stored all the same.
 */
export interface MissingFiles {
  readonly ids: readonly string[];
  readonly why: Refusal;
}

export interface TopicDraft extends Drafted {
  readonly type: "topic";
  readonly text: string;
}

/** Refused but by the message's own sender. */
export interface EditDraft extends Drafted {
  readonly type: "edit";
  readonly ref: number;
  readonly text: string;
  /** A message that was stored before this time can no longer be edited; -Infinity: all can. */
  readonly notBefore: number;
}

/** Refused but by the message's own sender, or an operator. */
export interface DeleteDraft extends Drafted {
  readonly type: "delete";
  readonly ref: number;
  readonly operator?: true;
}

export interface ReactionDraft extends Drafted {
  readonly type: "reaction";
  readonly ref: number;
  readonly emoji: string;
  readonly on: boolean;
}

/** Whose message a draft is. */
export type Author = Pick<Drafted, "sender" | "from">;

/** What a client says, unchecked: what a frame or a request has, by its type. */
export type DraftFields = MessageFields | EditFields | DeleteFields | ReactionFields;

export interface MessageFields {
  readonly type?: "message";
  readonly text: unknown;
  readonly id?: unknown;
  readonly re?: unknown;
  /** Ids of files that were uploaded. */
  readonly files?: unknown;
}

export interface EditFields {
  readonly type: "edit";
  readonly ref: unknown;
  readonly text: unknown;
  readonly id?: unknown;
}

export interface DeleteFields {
  readonly type: "delete";
  readonly ref: unknown;
  readonly id?: unknown;
}

export interface ReactionFields {
  readonly type: "reaction";
  readonly ref: unknown;
  readonly emoji: unknown;
  readonly on: unknown;
  readonly id?: unknown;
}

/** A draft of which only the author is certain. */
export type UncheckedDraft = Author & DraftFields;

/** What a draft needs that its author does not say. */
export interface DraftContext {
  /** From when on messages can be edited now. */
  readonly notBefore: number;
  /** The files that ids stand for, in their order. Throws a Refusal where there is none. */
  readonly resolveFiles: (ids: readonly string[]) => readonly FileInfo[];
}

/** The draft, if it is one. Throws a Refusal that says what is accepted. */
export function parseDraft(unchecked: UncheckedDraft, context: DraftContext): Draft {
  const { sender, from } = unchecked;
  const id = parseId(unchecked.id);
  const author = id === undefined ? { sender, from } : { sender, from, id };
  switch (unchecked.type) {
    case "edit": {
      const { notBefore } = context;
      const ref = parseRef("ref", unchecked.ref);
      return { ...author, type: "edit", ref, text: parseText(unchecked.text), notBefore };
    }
    case "delete":
      return { ...author, type: "delete", ref: parseRef("ref", unchecked.ref) };
    case "reaction": {
      const { ref, emoji, on } = unchecked;
      return {
        ...author,
        type: "reaction",
        ref: parseRef("ref", ref),
        emoji: parseEmoji(emoji),
        on: parseOn(on),
      };
    }
    default:
      return parseMessage(unchecked, author, context);
  }
}

function parseMessage(
  { text, re, files }: MessageFields,
  author: Drafted,
  { resolveFiles }: DraftContext,
): MessageDraft {
  const ids = parseFileIds(files);
  // Nearly every message is a text and nothing else.
  if (ids.length === 0 && isLeftOut(re)) return { ...author, text: parseText(text) };
  return {
    ...author,
    text: ids.length === 0 ? parseText(text) : parseCaption(text),
    ...(!isLeftOut(re) && { re: parseRef("re", re) }),
    ...(ids.length > 0 && { files: resolved(ids, author, resolveFiles) }),
  };
}

/** Throws a Refusal where files are missing and it can be no retry. */
function resolved(
  ids: readonly string[],
  { id }: Drafted,
  resolveFiles: DraftContext["resolveFiles"],
): readonly FileInfo[] | MissingFiles {
  try {
    return resolveFiles(ids);
  } catch (why) {
    if (id === undefined || !(why instanceof Refusal)) throw why;
    return { ids, why };
  }
}

/** The ids of the files that a message has, or would have had. */
export function fileIds(files: MessageDraft["files"] = []): readonly string[] {
  return "why" in files ? files.ids : files.map(({ id }) => id);
}

/** The text as it is stored: cleaned. Throws a Refusal where it is none, blank or too long. */
export function parseText(raw: unknown): string {
  const text = parseAnyText(raw);
  if (text.trim() === "") throw new Refusal("bad_request", "the text is empty");
  return text;
}

/** What is said with files: nothing, if need be. Throws a Refusal where it is too long. */
export function parseCaption(raw: unknown): string {
  const text = isLeftOut(raw) ? "" : parseAnyText(raw);
  return text.trim() === "" ? "" : text;
}

function parseAnyText(raw: unknown): string {
  if (typeof raw !== "string") {
    throw new Refusal("bad_request", `"text" must be a string`);
  }
  const count = countCharacters(raw);
  if (count > LIMITS.text) {
    throw new Refusal(
      "too_long",
      `the text has ${count} characters; at most ${LIMITS.text} are accepted`,
    );
  }
  return clean(raw);
}

/** The number of a message. Throws a Refusal that names the field where it can be none. */
export function parseRef(field: "ref" | "re", raw: unknown): number {
  if (Number.isSafeInteger(raw) && raw as number >= 1) return raw as number;
  throw new Refusal(
    "bad_request",
    `"${field}" must be the number of a message, a whole number from 1`,
  );
}

/** One emoji. Throws a Refusal where it is none. */
export function parseEmoji(raw: unknown): string {
  if (typeof raw === "string" && raw.length <= EMOJI_UNITS_AT_MOST && EMOJI.test(raw)) return raw;
  throw new Refusal("bad_request", `"emoji" must be one emoji, as 👍`);
}

// https://www.unicode.org/reports/tr51/#def_rgi_set
const EMOJI = /^\p{RGI_Emoji}$/v;
/** More than any of them has. */
const EMOJI_UNITS_AT_MOST = 64;

function parseOn(raw: unknown): boolean {
  if (typeof raw === "boolean") return raw;
  throw new Refusal("bad_request", `"on" must be true, or false to take the emoji back`);
}

/** Each file once, in the order in which they were said. */
/** The ids of the files that a message is to have. Throws a Refusal where they are none. */
export function fileIdsOf(unchecked: UncheckedDraft): readonly string[] {
  return "files" in unchecked ? parseFileIds(unchecked.files) : [];
}

function parseFileIds(raw: unknown): readonly string[] {
  if (isLeftOut(raw)) return [];
  const isId = (id: unknown) => typeof id === "string" && /^[\w-]{1,128}$/.test(id);
  if (!Array.isArray(raw) || raw.length > LIMITS.files || !raw.every(isId)) {
    throw new Refusal(
      "bad_request",
      `"files" must be a list of up to ${LIMITS.files} ids, as POST /api/files gives them`,
    );
  }
  return [...new Set<string>(raw)];
}

function isLeftOut(raw: unknown): boolean {
  return raw === undefined || raw === null;
}

/** A topic as it is stored: cleaned, in one line; empty for none. Throws a Refusal where it is too long. */
export function parseTopic(raw: unknown): string {
  if (typeof raw !== "string") throw new Refusal("bad_request", `"text" must be a string`);
  const text = clean(raw).trim().replace(/\s+/gu, " ");
  const count = countCharacters(text);
  if (count <= LIMITS.topic) return text;
  throw new Refusal(
    "too_long",
    `the topic has ${count} characters; at most ${LIMITS.topic} are accepted`,
  );
}

/** The sender's id for a message, if it gave one. Throws a Refusal that says what an id may be. */
export function parseId(raw: unknown): string | undefined {
  if (isLeftOut(raw)) return undefined;
  if (typeof raw === "string" && /^[\x20-\x7e]{1,64}$/.test(raw)) return raw;
  throw new Refusal("bad_request", `"id" must be 1 to ${LIMITS.id} printable ASCII characters`);
}
