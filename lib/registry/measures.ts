import type { Measure } from "../model/measure.ts";
import { nameKey } from "../model/names.ts";
import type { Store } from "./store.ts";

/** Bans and mutes, with those that are over: `ended` says when an operator ended one. */
export const MEASURES_TABLE = `CREATE TABLE IF NOT EXISTS measures (
  number    INTEGER PRIMARY KEY AUTOINCREMENT,
  type      TEXT NOT NULL,
  name      TEXT NOT NULL,
  session   TEXT,
  addresses TEXT NOT NULL,
  by        TEXT NOT NULL,
  reason    TEXT NOT NULL,
  at        INTEGER NOT NULL,
  until     INTEGER,
  ended     INTEGER
) STRICT`;

/** Whom a measure is for, and who took it. */
export interface Taken {
  readonly type: "ban" | "mute";
  readonly name: string;
  /** Undefined where nobody of that name was seen lately, or without a session. */
  readonly session: string | undefined;
  /** As `clientKey` makes them. */
  readonly addresses: readonly string[];
  /** The operator's name. */
  readonly by: string;
  readonly reason: string;
  readonly at: number;
  /** Undefined: for ever. */
  readonly until: number | undefined;
}

export interface KeptMeasure extends Taken {
  readonly number: number;
}

/** What a measure is looked for by; it is found where one of them is the same. */
export interface Sought {
  readonly session?: string | undefined;
  readonly name?: string | undefined;
  readonly address?: string | undefined;
}

/** Bans or mutes that have not ended. Looked up in memory, kept in the registry. */
export class Measures {
  readonly #store: Store;
  readonly #now: () => number;
  #active = new Map<number, KeptMeasure>();

  /** `now`: in milliseconds since 1970. */
  constructor(store: Store, now: () => number) {
    this.#store = store;
    this.#now = now;
    this.refresh();
  }

  /** Those of a type that have not ended, the oldest first. */
  all(type: Taken["type"]): readonly KeptMeasure[] {
    return [...this.#active.values()].filter((measure) =>
      measure.type === type && this.#isActive(measure)
    );
  }

  /** That which lasts longest of those for somebody. Quick where there are none. */
  find(type: Taken["type"], sought: Sought): KeptMeasure | undefined {
    if (this.#active.size === 0) return undefined;
    let found: KeptMeasure | undefined;
    const key = sought.name === undefined ? undefined : nameKey(sought.name);
    for (const measure of this.#active.values()) {
      const isFor = measure.type === type && this.#isActive(measure) &&
        (measure.session !== undefined && measure.session === sought.session ||
          key !== undefined && nameKey(measure.name) === key ||
          sought.address !== undefined && measure.addresses.includes(sought.address));
      if (isFor && (measure.until ?? Infinity) >= (found?.until ?? -Infinity)) found = measure;
    }
    return found;
  }

  get(number: number): KeptMeasure | undefined {
    const measure = this.#active.get(number);
    return measure && this.#isActive(measure) ? measure : undefined;
  }

  /** Within `Registry.now` of the caller's. */
  add(taken: Taken): KeptMeasure {
    const { type, name, session, addresses, by, reason, at, until } = taken;
    const { lastInsertRowid } = this.#store.db.prepare(
      `INSERT INTO measures (type, name, session, addresses, by, reason, at, until)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
    ).run(
      type,
      name,
      session ?? null,
      JSON.stringify(addresses),
      by,
      reason,
      at,
      until ?? null,
    );
    const measure = { ...taken, number: Number(lastInsertRowid) };
    this.#active.set(measure.number, measure);
    return measure;
  }

  /** Within `Registry.now` of the caller's. */
  end(number: number): void {
    this.#store.db.prepare("UPDATE measures SET ended = ? WHERE number = ?")
      .run(this.#now(), number);
    this.#active.delete(number);
  }

  /** What was ended goes on. Within `Registry.now` of the caller's. */
  restore(number: number): void {
    this.#store.db.prepare("UPDATE measures SET ended = NULL WHERE number = ?").run(number);
    this.refresh();
  }

  /** Reads them anew. */
  refresh(): void {
    const rows = this.#store.db.prepare(
      "SELECT * FROM measures WHERE ended IS NULL AND (until IS NULL OR until > ?) ORDER BY number",
    ).all(this.#now()) as unknown as Row[];
    this.#active = new Map(rows.map((row) => [row.number, {
      number: row.number,
      type: row.type,
      name: row.name,
      session: row.session ?? undefined,
      addresses: JSON.parse(row.addresses),
      by: row.by,
      reason: row.reason,
      at: row.at,
      until: row.until ?? undefined,
    }]));
  }

  #isActive({ until }: KeptMeasure): boolean {
    return until === undefined || until > this.#now();
  }
}

/** As it is told. */
export function told({ type, until, reason }: Pick<Taken, "type" | "until" | "reason">): Measure {
  return {
    type,
    ...(until !== undefined && { until }),
    ...(reason !== "" && { reason }),
  };
}

interface Row {
  readonly number: number;
  readonly type: "ban" | "mute";
  readonly name: string;
  readonly session: string | null;
  readonly addresses: string;
  readonly by: string;
  readonly reason: string;
  readonly at: number;
  readonly until: number | null;
}
