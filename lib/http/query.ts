import { type Cursor, parseCursor } from "../model/cursor.ts";
import { parseName } from "../names/mod.ts";
import { Refusal } from "../model/refusal.ts";
import { A_TIME, timeOf } from "../model/search/query.ts";

/** How far back `recent` may reach. */
const RECENT_AT_MOST = 500;

/** The query of a request, read field by field; what cannot be read is a Refusal that names it. */
export class Query {
  readonly #params: URLSearchParams;

  constructor(params: URLSearchParams) {
    this.#params = params;
  }

  /** Undefined where it is left out or empty. */
  text(name: string): string | undefined {
    return this.#params.get(name) || undefined;
  }

  /** The name somebody wishes for. */
  name(): string | undefined {
    const name = this.text("name");
    return name === undefined ? undefined : parseName(name);
  }

  recent(): number | undefined {
    return this.optionalInteger("recent", { min: 0, max: RECENT_AT_MOST });
  }

  /** `since`; throws where it is no cursor at all. */
  cursor(): Cursor | undefined {
    const raw = this.text("since");
    const cursor = raw === undefined ? undefined : parseCursor(raw);
    if (raw !== undefined && cursor === undefined) throw refuse("since", raw, CURSOR);
    return cursor;
  }

  /**
   * `since` for those who cannot read a status (a browser's EventSource and WebSocket): what is no
   * cursor is `"unknown"`, and is answered with a reset.
   */
  forgivingCursor(): Cursor | "unknown" | undefined {
    const raw = this.text("since");
    return raw === undefined ? undefined : parseCursor(raw) ?? "unknown";
  }

  /** A position: a seq, or a cursor of this epoch. */
  seq(name: string, epoch: string): number | undefined {
    const raw = this.text(name);
    if (raw === undefined) return undefined;
    const cursor = parseCursor(raw);
    if (!cursor) throw refuse(name, raw, CURSOR);
    if (cursor.epoch !== undefined && cursor.epoch !== epoch) {
      throw refuse(name, raw, `a position in the history ${epoch}`);
    }
    return cursor.seq;
  }

  /** A day or a time, in milliseconds since 1970. */
  time(name: string): number | undefined {
    const raw = this.text(name);
    const time = raw === undefined ? undefined : timeOf(raw);
    if (raw !== undefined && time === undefined) throw refuse(name, raw, A_TIME);
    return time;
  }

  integer(name: string, range: { default: number; min: number; max: number }): number {
    return this.optionalInteger(name, range) ?? range.default;
  }

  optionalInteger(name: string, { min, max }: { min: number; max: number }): number | undefined {
    const raw = this.text(name);
    if (raw === undefined) return undefined;
    const number = /^\d{1,15}$/.test(raw) ? Number(raw) : NaN;
    if (!(number >= min && number <= max)) {
      throw refuse(name, raw, `a whole number from ${min} to ${max}`);
    }
    return number;
  }
}

const CURSOR = "<epoch>-<seq> or <seq>";

function refuse(name: string, raw: string, wanted: string): Refusal {
  return new Refusal("bad_request", `${name}=${raw.slice(0, 64)}: wanted ${wanted}`);
}
