import { assertEquals, assertThrows } from "@std/assert";
import { DatabaseSync } from "node:sqlite";
import { StartupError } from "../../lib/base/startup_error.ts";
import { openDatabase } from "../../lib/registry/database.ts";
import { Registry } from "../../lib/registry/mod.ts";
import { ManualClock } from "../support/manual_clock.ts";

const TABLE = "CREATE TABLE IF NOT EXISTS notes (text TEXT)";

function fail(what: string): never {
  throw new Error(what);
}

async function withFile(test: (path: string) => void): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "partyline-" });
  try {
    test(`${folder}/people.db`);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

function textsOf(db: DatabaseSync): unknown[] {
  return db.prepare("SELECT text FROM notes ORDER BY rowid").all().map(({ text }) => text);
}

Deno.test("what may be written later is there a second later, the newest of each key", () => {
  const clock = new ManualClock();
  using registry = new Registry(":memory:", clock, fail);
  registry.db.exec(TABLE);
  const note = (text: string) => () => registry.db.exec(`INSERT INTO notes VALUES ('${text}')`);
  registry.later("a", note("one"));
  registry.later("b", note("two"));
  registry.later("a", note("three"));
  assertEquals(textsOf(registry.db), []);
  clock.advance(1000);
  assertEquals(textsOf(registry.db), ["three", "two"]);
});

Deno.test("what was to be written later is written at the end", async () => {
  await withFile((path) => {
    {
      using registry = new Registry(path, new ManualClock(), fail);
      registry.db.exec(TABLE);
      registry.later("a", () => registry.db.exec("INSERT INTO notes VALUES ('one')"));
    }
    using db = openDatabase(path, []);
    assertEquals(textsOf(db), ["one"]);
  });
});

Deno.test("what fails in the middle leaves nothing", () => {
  using registry = new Registry(":memory:", new ManualClock(), fail);
  registry.db.exec(TABLE);
  assertThrows(() =>
    registry.now(() => {
      registry.db.exec("INSERT INTO notes VALUES ('half')");
      throw new Error("no");
    })
  );
  assertEquals(textsOf(registry.db), []);
});

Deno.test("a file that is another program's, newer or damaged stops the start, and stays as it is", async () => {
  await withFile((path) => {
    using db = new DatabaseSync(path);
    db.exec("CREATE TABLE mine (x)");
    assertThrows(() => openDatabase(path, [TABLE]), StartupError, "is not Partyline's");
    db.exec("DROP TABLE mine");
  });
  await withFile((path) => {
    openDatabase(path, [TABLE]).close();
    using db = new DatabaseSync(path);
    db.exec("PRAGMA user_version = 99");
    assertThrows(() => openDatabase(path, [TABLE]), StartupError, "newer Partyline");
  });
  await withFile((path) => {
    Deno.writeTextFileSync(
      path,
      "this is no database, and long enough to be looked at ".repeat(20),
    );
    assertThrows(() => openDatabase(path, [TABLE]), StartupError, "cannot open");
  });
});

Deno.test("only its owner can read the file", async () => {
  await withFile((path) => {
    Deno.writeTextFileSync(path, "", { mode: 0o644 });
    openDatabase(path, []).close();
    assertEquals(Deno.statSync(path).mode! & 0o777, 0o600);
  });
});
