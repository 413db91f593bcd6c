import type { Features } from "../../lib/model/features.ts";
import type { Message } from "../../lib/model/message.ts";

/** What decides what somebody can do with a message. */
export interface Circumstances {
  readonly self: string | undefined;
  readonly operator: boolean;
  readonly features: Features;
  /** Seconds for which one's own messages can be edited; undefined: for ever. */
  readonly editFor: number | undefined;
  /** How many characters a message may have. */
  readonly limit: number;
  /** Milliseconds since the Unix epoch. */
  readonly now: number;
}

/** What can be done with a message; what cannot be done is not offered. */
export interface Abilities {
  readonly reply: boolean;
  readonly react: boolean;
  readonly edit: boolean;
  readonly delete: boolean;
  readonly copyText: boolean;
  /** An operator may do something about who wrote it. */
  readonly moderate: boolean;
}

/** The server decides in the end: names say who somebody is less surely than sessions. Pure. */
export function abilitiesOf(
  { at, from, text, deleted }: Message,
  { self, operator, features, editFor = Infinity, now }: Circumstances,
): Abilities {
  const isThere = !deleted && features.write;
  const isOwn = self !== undefined && from === self;
  return {
    reply: isThere,
    react: isThere,
    edit: isThere && isOwn && now < at + 1000 * editFor,
    delete: isThere && (isOwn || operator),
    copyText: text !== "",
    moderate: operator && !isOwn,
  };
}
