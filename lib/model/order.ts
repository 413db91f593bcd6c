import { LIMITS } from "./message.ts";
import { parseStoredName } from "./names.ts";
import { Refusal } from "./refusal.ts";
import { clean, countCharacters } from "./text.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** How long a ban or a mute lasts where the operator does not say. */
const DEFAULT_MS = { ban: DAY_MS, mute: HOUR_MS } as const;
/** Longer is for ever. */
const LONGEST_MS = 3650 * DAY_MS;
const REASON_AT_MOST = 200;
const SLOW_AT_MOST_S = 3600;

/** What an operator asks for. `ms` is undefined where it is to last for ever. */
export type Order =
  | { readonly type: "kick"; readonly name: string; readonly reason: string }
  | {
    readonly type: "ban" | "mute";
    readonly name: string;
    readonly ms: number | undefined;
    readonly reason: string;
  }
  | { readonly type: "unmute"; readonly name: string }
  /** A name, or the number of the ban in the list. */
  | { readonly type: "unban"; readonly who: string | number }
  /** One message in so many seconds; 0 ends it. */
  | { readonly type: "slow"; readonly seconds: number }
  /** Empty: no topic any more. */
  | { readonly type: "topic"; readonly text: unknown }
  | { readonly type: "bans" }
  | { readonly type: "undo" };

export type OrderType = Order["type"];

const TYPES: readonly string[] = [
  "kick",
  "ban",
  "mute",
  "unmute",
  "unban",
  "slow",
  "topic",
  "bans",
  "undo",
] satisfies OrderType[];

export function isOrderType(type: unknown): type is OrderType {
  return TYPES.includes(type as string);
}

/** An order as it is said in JSON: `type`, and what belongs to it. Nothing is checked yet. */
export interface OrderFields {
  readonly type: OrderType;
  readonly name?: unknown;
  /** `10m`, `2h`, `1d`, `1w` or `forever`. */
  readonly time?: unknown;
  readonly reason?: unknown;
  readonly seconds?: unknown;
  readonly text?: unknown;
}

/** Throws a Refusal that says what is accepted. */
export function parseOrder({ type, name, time, reason, seconds, text }: OrderFields): Order {
  switch (type) {
    case "kick":
      return { type, name: nameOf(type, name), reason: reasonOf(reason) };
    case "ban":
    case "mute":
      return {
        type,
        name: nameOf(type, name),
        ms: timeOf(time, DEFAULT_MS[type]),
        reason: reasonOf(reason),
      };
    case "unmute":
      return { type, name: nameOf(type, name) };
    case "unban": {
      const number = typeof name === "number" ? name : /^#?(\d{1,15})$/.exec(String(name))?.[1];
      return { type, who: number === undefined ? nameOf(type, name) : Number(number) };
    }
    case "slow":
      return { type, seconds: secondsOf(seconds) };
    case "topic":
      return { type, text };
    case "bans":
    case "undo":
      return { type };
  }
}

function nameOf(type: string, raw: unknown): string {
  if (raw === undefined || raw === null || raw === "") {
    throw new Refusal("bad_request", `whom? wanted /${type} NAME, or "name"`);
  }
  return parseStoredName(typeof raw === "string" ? raw.replace(/^@/, "") : raw);
}

/** Whether a word is a time, as in `10m`. */
export function isTime(word: string): boolean {
  return /^(?:\d{1,6}[smhdw]|forever)$/i.test(word);
}

const UNITS: Readonly<Record<string, number>> = {
  s: 1000,
  m: MINUTE_MS,
  h: HOUR_MS,
  d: DAY_MS,
  w: 7 * DAY_MS,
};

function timeOf(raw: unknown, otherwise: number): number | undefined {
  if (raw === undefined || raw === null || raw === "") return otherwise;
  const text = typeof raw === "string" ? raw.toLowerCase() : "";
  if (text === "forever") return undefined;
  const [, count, unit = ""] = /^(\d{1,6})([smhdw])$/.exec(text) ?? [];
  const ms = Number(count) * (UNITS[unit] ?? NaN);
  if (!(ms > 0)) {
    throw new Refusal("bad_request", "the time is not one; wanted 30s, 10m, 2h, 1d, 1w or forever");
  }
  return ms > LONGEST_MS ? undefined : ms;
}

function secondsOf(raw: unknown): number {
  const seconds = typeof raw === "string" && /^\d{1,6}s?$/.test(raw) ? parseInt(raw) : raw;
  if (Number.isInteger(seconds) && seconds as number >= 0 && seconds as number <= SLOW_AT_MOST_S) {
    return seconds as number;
  }
  throw new Refusal(
    "bad_request",
    `wanted whole seconds from 0 to ${SLOW_AT_MOST_S}; 0 ends the slow mode`,
  );
}

function reasonOf(raw: unknown): string {
  if (raw === undefined || raw === null) return "";
  if (typeof raw !== "string") throw new Refusal("bad_request", `"reason" must be a string`);
  if (raw.length > LIMITS.text || countCharacters(raw) > REASON_AT_MOST) {
    throw new Refusal("too_long", `a reason has at most ${REASON_AT_MOST} characters`);
  }
  return clean(raw).trim().replace(/\s+/gu, " ");
}
