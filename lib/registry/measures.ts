import type { Measure } from "../model/measure.ts";
import type { PeopleFile } from "./database.ts";
import {
  type KeptMeasure,
  measureChanged,
  measureOf,
  type MeasureRow,
  shareMeasures,
  type Taken,
} from "./measure_rows.ts";

/** Bans and mutes, with those that are over: `ended` says when an operator ended one. */
export const MEASURES_TABLE = `CREATE TABLE IF NOT EXISTS measures (
  number    INTEGER PRIMARY KEY AUTOINCREMENT,
  type      TEXT NOT NULL,
  name      TEXT NOT NULL,
  key       TEXT NOT NULL,
  session   TEXT,
  addresses TEXT NOT NULL,
  by        TEXT NOT NULL,
  reason    TEXT NOT NULL,
  at        INTEGER NOT NULL,
  until     INTEGER,
  ended     INTEGER
) STRICT`;

/** What a measure is looked for by; it is found where one of them is the same. */
export interface Sought {
  readonly session?: string | undefined;
  /** Of a name. */
  readonly key?: string | undefined;
  readonly address?: string | undefined;
}

/** Bans or mutes that have not ended. Looked up in memory, kept in the registry. */
export class Measures {
  readonly #file: PeopleFile;
  readonly #now: () => number;
  readonly #active = new Map<number, KeptMeasure>();
  /** By what each is found. */
  readonly #places = new Map<string, Set<KeptMeasure>>();

  /** `now`: in milliseconds since 1970. */
  constructor(file: PeopleFile, now: () => number) {
    this.#file = file;
    this.#now = now;
    this.refresh();
    shareMeasures(file, (measure, isEnded) => {
      this.refresh();
      this.onTaken(measure, isEnded);
    });
  }

  /** Called when one was taken, ended or restored at another node. */
  onTaken: (measure: KeptMeasure, isEnded: boolean) => void = () => {};

  /** Those of a type that have not ended, the oldest first. */
  all(type: Taken["type"]): readonly KeptMeasure[] {
    return [...this.#active.values()].filter((measure) =>
      measure.type === type && this.#isActive(measure)
    );
  }

  /** Whether there is none: then nobody need be looked for. */
  get isEmpty(): boolean {
    return this.#active.size === 0;
  }

  /** That which lasts longest of those for somebody. As quick with many as with few. */
  find(type: Taken["type"], { session, key, address }: Sought): KeptMeasure | undefined {
    if (this.isEmpty) return undefined;
    let found: KeptMeasure | undefined;
    const places = [
      session !== undefined && `session ${session}`,
      key !== undefined && `key ${key}`,
      address !== undefined && `address ${address}`,
    ];
    for (const place of places) {
      if (place === false) continue;
      for (const measure of this.#places.get(place) ?? []) {
        const lasts = (measure.until ?? Infinity) >= (found?.until ?? -Infinity);
        if (measure.type === type && lasts && this.#isActive(measure)) found = measure;
      }
    }
    return found;
  }

  get(number: number): KeptMeasure | undefined {
    const measure = this.#active.get(number);
    return measure && this.#isActive(measure) ? measure : undefined;
  }

  /** Within `Registry.now` of the caller's. */
  add(taken: Taken): KeptMeasure {
    const { type, name, key, session, addresses, by, reason, at, until } = taken;
    const { lastInsertRowid } = this.#file.db.prepare(
      `INSERT INTO measures (type, name, key, session, addresses, by, reason, at, until)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    ).run(
      type,
      name,
      key,
      session ?? null,
      JSON.stringify(addresses),
      by,
      reason,
      at,
      until ?? null,
    );
    const measure = { ...taken, number: Number(lastInsertRowid) };
    this.#put(measure);
    measureChanged(this.#file, measure.number);
    return measure;
  }

  /** Within `Registry.now` of the caller's. */
  end(number: number): void {
    this.#file.db.prepare("UPDATE measures SET ended = ? WHERE number = ?")
      .run(this.#now(), number);
    measureChanged(this.#file, number);
    const measure = this.#active.get(number);
    this.#active.delete(number);
    for (const place of measure ? placesOf(measure) : []) this.#places.get(place)?.delete(measure!);
  }

  /** What was ended goes on. Within `Registry.now` of the caller's. */
  restore(number: number): void {
    this.#file.db.prepare("UPDATE measures SET ended = NULL WHERE number = ?").run(number);
    measureChanged(this.#file, number);
    this.refresh();
  }

  /** Reads them anew. */
  refresh(): void {
    const rows = this.#file.db.prepare(
      "SELECT * FROM measures WHERE ended IS NULL AND (until IS NULL OR until > ?) ORDER BY number",
    ).all(this.#now()) as unknown as MeasureRow[];
    this.#active.clear();
    this.#places.clear();
    for (const row of rows) this.#put(measureOf(row));
  }

  #put(measure: KeptMeasure): void {
    this.#active.set(measure.number, measure);
    for (const place of placesOf(measure)) {
      const there = this.#places.get(place);
      if (there) there.add(measure);
      else this.#places.set(place, new Set([measure]));
    }
  }

  #isActive({ until }: KeptMeasure): boolean {
    return until === undefined || until > this.#now();
  }
}

/** Where it is found. */
function placesOf({ session, key, addresses }: KeptMeasure): string[] {
  return [
    ...(session === undefined ? [] : [`session ${session}`]),
    `key ${key}`,
    ...addresses.map((address) => `address ${address}`),
  ];
}

/** As it is told. */
export function told({ type, until, reason }: Pick<Taken, "type" | "until" | "reason">): Measure {
  return {
    type,
    ...(until !== undefined && { until }),
    ...(reason !== "" && { reason }),
  };
}
