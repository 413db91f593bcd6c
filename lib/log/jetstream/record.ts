import type { Entry } from "../../model/message.ts";
import type { Placed } from "../sqlite/storing/batch.ts";

/** An entry as a message of the stream says it: all but its seq, which is the message's own. */
export interface StreamRecord {
  readonly placed: Placed;
  /** Of a delete: what is left of what it deletes, for nodes that come when that is erased. */
  readonly left: readonly Placed[];
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** The seq of the entry is not told. */
export function encodeRecord(placed: Placed, left: readonly Placed[]): Uint8Array {
  return encoder.encode(JSON.stringify({
    ...fieldsOf(placed),
    seq: undefined,
    ...(left.length > 0 && { left: left.map(fieldsOf) }),
  }));
}

/**
 * What the stream has under `seq` since `storedAt`; the time of a clock that is ahead of NATS' is not
 * believed. Throws where it is nothing that a node has written.
 */
export function decodeRecord(bytes: Uint8Array, seq: number, storedAt: number): StreamRecord {
  const { left = [], ...fields } = JSON.parse(decoder.decode(bytes)) as Fields & {
    left?: (Fields & { seq: number })[];
  };
  const placed = toPlaced(fields, { seq, at: Math.min(fields.at, storedAt) });
  // They are as the delete has made them.
  const remains = left.map((each) => {
    const { entry, ...more } = toPlaced(each, each);
    return entry.type === "message"
      ? { ...more, entry: { ...entry, deleted: true as const, changed: seq } }
      : { ...more, entry };
  });
  return { placed, left: remains };
}

type Fields = Entry & { readonly sender: string; readonly print?: number };

function fieldsOf({ entry, sender, print }: Placed): Record<string, unknown> {
  return { ...entry, sender, print };
}

function toPlaced(fields: Fields, { seq, at }: Pick<Entry, "seq" | "at">): Placed {
  if (!isEntry(fields)) {
    throw new Error(`cannot read entry ${seq} of the stream: it was not written by Partyline`);
  }
  const { type, seq: _seq, at: _at, sender, print, ...more } = fields;
  return {
    entry: { type, seq, at, ...more } as Entry,
    sender,
    ...(print !== undefined && { print }),
  };
}

type Need = readonly [field: string, type: "string" | "number" | "boolean"];

const EVERY: readonly Need[] = [["from", "string"], ["sender", "string"], ["at", "number"]];
const TEXT: Need = ["text", "string"];
const REF: Need = ["ref", "number"];

/** What an entry of each type has. */
const NEEDS: Readonly<Record<string, readonly Need[]>> = {
  message: [...EVERY, TEXT],
  topic: [...EVERY, TEXT],
  edit: [...EVERY, REF, TEXT],
  delete: [...EVERY, REF],
  reaction: [...EVERY, REF, ["emoji", "string"], ["on", "boolean"], ["count", "number"]],
};

/** Whether the copy can store it. Anybody who may publish to the stream may have written anything. */
function isEntry(fields: Fields): boolean {
  const needs = Object.hasOwn(NEEDS, fields.type) ? NEEDS[fields.type]! : undefined;
  const values = fields as unknown as Readonly<Record<string, unknown>>;
  return needs !== undefined && (fields.id === undefined || typeof fields.id === "string") &&
    needs.every(([field, type]) =>
      typeof values[field] === type && (type !== "number" || Number.isSafeInteger(values[field]))
    );
}
