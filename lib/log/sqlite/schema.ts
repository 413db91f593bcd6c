import type { DatabaseSync } from "node:sqlite";
import { StartupError } from "../../base/startup_error.ts";

/** The layout of the file, step by step; how many steps a file has seen is its `user_version`. */
const MIGRATIONS: readonly string[] = [
  `CREATE TABLE entries (
     seq    INTEGER PRIMARY KEY,
     at     INTEGER NOT NULL,
     sender TEXT    NOT NULL,
     id     TEXT,
     name   TEXT    NOT NULL,
     text   TEXT    NOT NULL
   ) STRICT;
   CREATE UNIQUE INDEX entries_by_id ON entries (sender, id) WHERE id IS NOT NULL;
   CREATE TABLE meta (key TEXT PRIMARY KEY, value ANY NOT NULL) STRICT, WITHOUT ROWID;
   CREATE VIRTUAL TABLE words USING fts5
     (text, content='', contentless_delete=1, tokenize='trigram');`,
  // The ids of entries that are no longer kept, so that a retry stays a duplicate however late it is.
  `CREATE TABLE forgotten (
     sender TEXT    NOT NULL,
     id     TEXT    NOT NULL,
     seq    INTEGER NOT NULL,
     PRIMARY KEY (sender, id)
   ) STRICT, WITHOUT ROWID;`,
  // The parts of the index are joined when SearchIndex says so, a little at a time, and not in a
  // commit that would take tens of milliseconds.
  `INSERT INTO words (words, rank) VALUES ('automerge', 0), ('crisismerge', 1000);`,
  // Entries of other kinds than messages, for which `type` is NULL: it takes a byte of each. What a
  // kind has besides a text is for `fields`, as JSON. Neither changes a row that is there; and no
  // message is in the index.
  `ALTER TABLE entries ADD COLUMN type TEXT;
   ALTER TABLE entries ADD COLUMN fields TEXT;
   CREATE INDEX entries_by_type ON entries (type, seq) WHERE type IS NOT NULL;`,
  // Changes: `ref` is the seq of the message that one changes, and `print` tells what its sender had
  // said under its id once the text of an entry is no longer that. A message's text and fields are as
  // it is now; who reacted to it and which files it has can be looked up.
  `ALTER TABLE entries ADD COLUMN ref INTEGER;
   ALTER TABLE entries ADD COLUMN print INTEGER;
   ALTER TABLE forgotten ADD COLUMN print INTEGER;
   DROP INDEX entries_by_type;
   CREATE INDEX entries_by_type ON entries (type, ref) WHERE type IS NOT NULL;
   CREATE TABLE reactions (
     ref    INTEGER NOT NULL,
     emoji  TEXT    NOT NULL,
     sender TEXT    NOT NULL,
     name   TEXT    NOT NULL,
     seq    INTEGER NOT NULL,
     active INTEGER NOT NULL,
     PRIMARY KEY (ref, emoji, sender)
   ) STRICT, WITHOUT ROWID;
   CREATE TABLE files (
     file TEXT    NOT NULL,
     seq  INTEGER NOT NULL,
     PRIMARY KEY (file, seq)
   ) STRICT, WITHOUT ROWID;
   CREATE INDEX files_by_seq ON files (seq);`,
];

/** Marks the file as ours ("prty"), so that somebody else's database is never written to. */
const APPLICATION_ID = 0x70727479;

/** Brings the file to the present layout: all of the missing steps, or, where it throws, none. */
export function migrate(db: DatabaseSync): void {
  const version = pragma(db, "user_version");
  if (version === MIGRATIONS.length) return;
  db.exec(
    `BEGIN IMMEDIATE; ${MIGRATIONS.slice(version).join("\n")}
     PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${MIGRATIONS.length}; COMMIT`,
  );
}

/**
 * Throws where the file is not to be written to: a StartupError where it is somebody else's or of a
 * newer version, an Error where it is damaged. An empty database is fine. Only reads.
 */
export function check(db: DatabaseSync, path: string): void {
  const version = pragma(db, "user_version");
  const owner = pragma(db, "application_id");
  const isEmpty = version === 0 && owner === 0 && pragma(db, "schema_version") === 0;
  if (!isEmpty && owner !== APPLICATION_ID) {
    throw new StartupError(`${path} is not a Partyline log; use another --data directory`);
  }
  if (version > MIGRATIONS.length) {
    throw new StartupError(
      `${path} was written by a newer Partyline (format ${version}; this one knows up to ` +
        `${MIGRATIONS.length}); start that one, or use another --data directory`,
    );
  }
  const [damage] = Object.values(db.prepare("PRAGMA quick_check(1)").get() ?? {});
  if (damage !== "ok") {
    throw new Error(`the file is damaged (${String(damage).replaceAll("\n", " ")})`);
  }
}

/** How many steps the file lacks, which opening it to write would take. */
export function stepsMissing(db: DatabaseSync): number {
  return MIGRATIONS.length - pragma(db, "user_version");
}

function pragma(db: DatabaseSync, name: string): number {
  return Object.values(db.prepare(`PRAGMA ${name}`).get() ?? {})[0] as number;
}
