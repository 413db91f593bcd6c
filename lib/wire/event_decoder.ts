import type { Measure } from "../model/measure.ts";
import type { HeardEvent, RoomEvent, UnknownEntry } from "../model/events.ts";

type Kind = "string" | "number" | "boolean" | "object";

const [STRING, NUMBER, BOOLEAN, OBJECT] = ["string", "number", "boolean", "object"] as const;
const ENTRY = { seq: NUMBER, at: NUMBER, from: STRING } as const;

/** What of each event this client relies on. */
const FIELDS: { readonly [T in RoomEvent["type"]]: Readonly<Record<string, Kind>> } = {
  message: { ...ENTRY, text: STRING },
  edit: { ...ENTRY, ref: NUMBER, text: STRING },
  delete: { ...ENTRY, ref: NUMBER },
  reaction: {
    ...ENTRY,
    ref: NUMBER,
    emoji: STRING,
    on: BOOLEAN,
    count: NUMBER,
    names: OBJECT,
  },
  topic: { ...ENTRY, text: STRING },
  join: { name: STRING, count: NUMBER },
  leave: { name: STRING, count: NUMBER },
  rename: { from: STRING, name: STRING },
  typing: { name: STRING },
  presence: { count: NUMBER },
  welcome: {
    room: STRING,
    epoch: STRING,
    last: NUMBER,
    name: STRING,
    token: STRING,
    resumed: BOOLEAN,
    count: NUMBER,
    limits: OBJECT,
    ping: NUMBER,
  },
  reset: { reason: STRING, epoch: STRING, first: NUMBER, last: NUMBER },
  live: { seq: NUMBER },
  ping: {},
  moderation: { action: STRING, by: STRING },
  you: {},
  done: { text: STRING },
  ack: { seq: NUMBER, duplicate: BOOLEAN },
  error: { code: STRING, message: STRING },
  info: { text: STRING },
  bye: { reconnect_ms: NUMBER },
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
