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
  readonly files?: readonly FileInfo[];
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

/** What a client says of its message, unchecked. */
export interface DraftFields {
  readonly text: unknown;
  readonly id?: unknown;
}

/** A draft whose text and id are as the client said them. */
export type UncheckedDraft = Author & DraftFields;

/** The draft, if it is one. Throws a Refusal that says what is accepted. */
export function parseDraft({ sender, from, text, id }: UncheckedDraft): Draft {
  const parsedId = parseId(id);
  const draft = { sender, from, text: parseText(text) };
  return parsedId === undefined ? draft : { ...draft, id: parsedId };
}

/** The text as it is stored: cleaned. Throws a Refusal where it is none, blank or too long. */
export function parseText(raw: unknown): string {
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
  const text = clean(raw);
  if (text.trim() === "") throw new Refusal("bad_request", "the text is empty");
  return text;
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
  if (raw === undefined || raw === null) return undefined;
  if (typeof raw === "string" && /^[\x20-\x7e]{1,64}$/.test(raw)) return raw;
  throw new Refusal("bad_request", `"id" must be 1 to ${LIMITS.id} printable ASCII characters`);
}
