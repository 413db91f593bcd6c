import { Refusal } from "./refusal.ts";
import { clean, countCharacters } from "./text.ts";

/**
 * What one message may be. A frame, body or line of `bytes` holds the longest text even where every
 * character takes four bytes (4 × 4,000), with room for the JSON around it.
 */
export const LIMITS = { text: 4000, topic: 200, name: 32, id: 64, bytes: 16 * 1024 } as const;

/** An entry that is not stored yet. */
export interface Draft {
  /** What it becomes; left out, a message. */
  readonly type?: "topic";
  /** A session's id, or for a post without a session its address and wished name: the scope of `id`. */
  readonly sender: string;
  /** The name shown with it, as it is at the time of posting. */
  readonly from: string;
  readonly text: string;
  /** The sender's own key for it: the same id from the same sender is the same entry. */
  readonly id?: string;
}

/** Whose message a draft is. */
export type Author = Pick<Draft, "sender" | "from">;

/** What a client says of its message, unchecked. */
export interface DraftFields {
  readonly text: unknown;
  readonly id?: unknown;
}

/** A draft whose text and id are as the client said them. */
export type UncheckedDraft = Author & DraftFields;

/** A stored message, in the order of its fields on the wire. */
export interface Message extends Stored {
  readonly type: "message";
  readonly text: string;
}

/** What the room is about from here on; nothing in particular where the text is empty. */
export interface Topic extends Stored {
  readonly type: "topic";
  readonly text: string;
}

/** What is stored and has a seq, of whatever kind. */
export type Entry = Message | Topic;

/** What entries of all kinds have. */
interface Stored {
  /** Its place in the log: 1, 2, 3, … without holes. */
  readonly seq: number;
  /** When it was stored, in milliseconds since the Unix epoch, UTC; never less than the one before. */
  readonly at: number;
  readonly id?: string;
  readonly from: string;
}

/** What became of a draft: where it is, and whether it had been there before. */
export interface Receipt {
  readonly seq: number;
  readonly duplicate: boolean;
}

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
