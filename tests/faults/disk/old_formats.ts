/** A log as the first version left it: its layout to the letter, which nobody may change any more. */
export const VERSION_1 = `
  PRAGMA journal_mode = WAL;
  CREATE TABLE entries (
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
     (text, content='', contentless_delete=1, tokenize='trigram');
  PRAGMA application_id = ${0x70727479};
  PRAGMA user_version = 1;
  INSERT INTO meta VALUES ('epoch', 'k2wv8hzq'), ('indexed', 2);
  INSERT INTO entries VALUES
    (1, 1795215600000, 's-ann', 'c-1', 'ann', 'good morning'),
    (2, 1795215601000, 's-bob', NULL,  'bob', 'morning, ann'),
    (3, 1795215602000, 's-ann', 'c-2', 'ann', 'is it raining?');
  INSERT INTO words (rowid, text) SELECT seq, text FROM entries WHERE seq <= 2;
`;

/** The same as the third version left it. */
export const VERSION_3 = `
  ${VERSION_1}
  CREATE TABLE forgotten (
     sender TEXT    NOT NULL,
     id     TEXT    NOT NULL,
     seq    INTEGER NOT NULL,
     PRIMARY KEY (sender, id)
   ) STRICT, WITHOUT ROWID;
  INSERT INTO words (words, rank) VALUES ('automerge', 0), ('crisismerge', 1000);
  PRAGMA user_version = 3;
`;

/** The same as the fourth version left it, with a topic and an id of a message that it had trimmed. */
export const VERSION_4 = `
  ${VERSION_3}
  ALTER TABLE entries ADD COLUMN type TEXT;
  ALTER TABLE entries ADD COLUMN fields TEXT;
  CREATE INDEX entries_by_type ON entries (type, seq) WHERE type IS NOT NULL;
  PRAGMA user_version = 4;
  DELETE FROM words WHERE rowid = 1;
  DELETE FROM entries WHERE seq = 1;
  INSERT INTO forgotten VALUES ('s-ann', 'c-1', 1);
  INSERT INTO entries VALUES (4, 1795215603000, 's-ann', 'c-4', 'ann', 'the weather', 'topic', NULL);
`;
