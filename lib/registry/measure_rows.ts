import type { PeopleFile } from "./database.ts";

const KIND = "measure";

/** Whom a measure is for, and who took it. */
export interface Taken {
  readonly type: "ban" | "mute";
  readonly name: string;
  /** The same for all names that read like it. */
  readonly key: string;
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

/** As it is kept: addresses are JSON; `ended` says when an operator ended it. */
export interface MeasureRow {
  readonly number: number;
  readonly type: "ban" | "mute";
  readonly name: string;
  readonly key: string;
  readonly session: string | null;
  readonly addresses: string;
  readonly by: string;
  readonly reason: string;
  readonly at: number;
  readonly until: number | null;
  readonly ended: number | null;
}

export function measureOf(row: MeasureRow): KeptMeasure {
  const { number, type, name, key, session, addresses, by, reason, at, until } = row;
  return {
    number,
    type,
    name,
    key,
    session: session ?? undefined,
    addresses: JSON.parse(addresses),
    by,
    reason,
    at,
    until: until ?? undefined,
  };
}

/** Has the measures in common with the other nodes; `onTaken` is called when another has changed one. */
export function shareMeasures(
  file: PeopleFile,
  onTaken: (measure: KeptMeasure, isEnded: boolean) => void,
): void {
  file.sharing.add({
    kind: KIND,
    lasts: true,
    ids() {
      const rows = file.db.prepare("SELECT at, type, key FROM measures ORDER BY number").all();
      return (rows as unknown as MeasureRow[]).map(idOf);
    },
    read: (id) => rowOf(file, id),
    take(id, taken) {
      if (taken === undefined) return; // none is ever removed
      const row = taken as MeasureRow;
      const number = file.now(() => put(file, id, row));
      onTaken(measureOf({ ...row, number }), row.ended !== null);
    },
  });
}

/** To be called when one was taken, ended or restored, by its number. */
export function measureChanged(file: PeopleFile, number: number): void {
  const row = file.db.prepare("SELECT at, type, key FROM measures WHERE number = ?").get(number);
  if (row) file.sharing.changed(KIND, idOf(row as unknown as MeasureRow));
}

/** Its number is the same at all nodes, but where two were taken at two nodes in one moment. */
function put(file: PeopleFile, id: string, row: MeasureRow): number {
  const { db } = file;
  const known = rowOf(file, id);
  if (known) {
    db.prepare("UPDATE measures SET ended = ? WHERE number = ?").run(row.ended, known.number);
    return known.number;
  }
  const isFree = !db.prepare("SELECT 1 FROM measures WHERE number = ?").get(row.number);
  const { lastInsertRowid } = db.prepare(
    `INSERT INTO measures
     (number, type, name, key, session, addresses, by, reason, at, until, ended)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  ).run(
    isFree ? row.number : null,
    row.type,
    row.name,
    row.key,
    row.session,
    row.addresses,
    row.by,
    row.reason,
    row.at,
    row.until,
    row.ended,
  );
  return Number(lastInsertRowid);
}

function rowOf(file: PeopleFile, id: string): MeasureRow | undefined {
  const [at, type, ...key] = id.split(" ");
  return file.db.prepare(
    "SELECT * FROM measures WHERE at = ? AND type = ? AND key = ? ORDER BY number DESC LIMIT 1",
  ).get(Number(at), type!, key.join(" ")) as unknown as MeasureRow | undefined;
}

/** What it is known by at all nodes. */
function idOf({ at, type, key }: Pick<MeasureRow, "at" | "type" | "key">): string {
  return `${at} ${type} ${key}`;
}
