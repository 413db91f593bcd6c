import type { Measure } from "../model/measure.ts";
import type { HeardEvent, RoomEvent, UnknownEntry } from "../model/events.ts";

type Kind = "string" | "number" | "boolean" | "object";

const ENTRY = { seq: "number", at: "number", from: "string" } as const;

/** What of each event this client relies on. */
const FIELDS: { readonly [T in RoomEvent["type"]]: Readonly<Record<string, Kind>> } = {
  message: { ...ENTRY, text: "string" },
  edit: { ...ENTRY, ref: "number", text: "string" },
  delete: { ...ENTRY, ref: "number" },
  reaction: {
    ...ENTRY,
    ref: "number",
    emoji: "string",
    on: "boolean",
    count: "number",
    names: "object",
  },
  topic: { ...ENTRY, text: "string" },
  join: { name: "string", count: "number" },
  leave: { name: "string", count: "number" },
  rename: { from: "string", name: "string" },
  typing: { name: "string" },
  presence: { count: "number" },
  welcome: {
    room: "string",
    epoch: "string",
    last: "number",
    name: "string",
    token: "string",
    resumed: "boolean",
    count: "number",
    limits: "object",
    ping: "number",
  },
  reset: { reason: "string", epoch: "string", first: "number", last: "number" },
  live: { seq: "number" },
  ping: {},
  moderation: { action: "string", by: "string" },
  you: {},
  done: { text: "string" },
  ack: { seq: "number", duplicate: "boolean" },
  error: { code: "string", message: "string" },
  info: { text: "string" },
  bye: { reconnect_ms: "number" },
};

/**
 * One event of the server from its JSON; undefined where it is none that we know, so that a server
 * of a later version can say more. An entry is one all the same: a client goes on after it.
 */
export function decodeEvent(json: string): HeardEvent | undefined {
  try {
    return parseEvent(JSON.parse(json));
  } catch {
    return undefined;
  }
}

/** As `decodeEvent`, of what has been parsed, or put together from an answer over HTTP. */
export function parseEvent(event: unknown): HeardEvent | undefined {
  if (!isRecord(event) || typeof event.type !== "string") return undefined;
  const fields = Object.hasOwn(FIELDS, event.type) && FIELDS[event.type as RoomEvent["type"]];
  if (!fields) return unknownEntry(event);
  for (const [name, kind] of Object.entries(fields)) {
    if (typeof event[name] !== kind || event[name] === null) {
      // A server may tell less of a reaction than this one does; its place in the log counts all the same.
      return event.type === "reaction" ? unknownEntry(event) : undefined;
    }
  }
  if (event.names !== undefined && !isNames(event.names)) return undefined;
  if (event.operators !== undefined && !isNames(event.operators)) return undefined;
  if (event.measure !== undefined && !isMeasure(event.measure)) return undefined;
  return event as unknown as RoomEvent; // checked as far as we rely on it
}

/** Entries are told by what all of them have. */
function unknownEntry(event: Record<string, unknown>): UnknownEntry | undefined {
  const { seq, at } = event;
  if (!Number.isSafeInteger(seq) || typeof at !== "number") return undefined;
  return { type: "unknown", seq: seq as number, event };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** What keeps somebody from something, of a kind that is known. */
export function isMeasure(value: unknown): value is Measure {
  if (!isRecord(value)) return false;
  const { type, until, reason } = value;
  return (type === "kick" || type === "ban" || type === "mute") &&
    (until === undefined || typeof until === "number") &&
    (reason === undefined || typeof reason === "string");
}

function isNames(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((name) => typeof name === "string");
}
