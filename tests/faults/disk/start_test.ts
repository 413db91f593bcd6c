import { assertEquals, assertMatch } from "@std/assert";
import { DatabaseSync } from "node:sqlite";
import { FREE_PORTS, ServerProcess } from "../../support/server.ts";
import { postAs } from "../../transports/clients/client.ts";
import { limitedDisk, mayMount, smallDisk } from "../support/disks.ts";

const mounts = await mayMount();

function serve(data: string): ServerProcess {
  return new ServerProcess(["--data", data, "--rate-limit", "off", "--no-limits", ...FREE_PORTS]);
}

/**
 * Everything that belongs to the log, byte for byte; but of its shared memory, which holds nothing
 * that is not in the other two, and which everybody who reads writes to, only that it is there.
 */
async function files(data: string): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for await (const { name } of Deno.readDir(data)) {
    if (!name.startsWith("partyline.db")) continue;
    if (name.endsWith("-shm")) {
      found[name] = "";
      continue;
    }
    const digest = await crypto.subtle.digest("SHA-256", await Deno.readFile(`${data}/${name}`));
    found[name] = new Uint8Array(digest).toHex();
  }
  return found;
}

/** The data of a server that was killed: with a write-ahead log that is not in the file yet. */
async function abandoned(data: string): Promise<void> {
  await using server = serve(data);
  const at = await server.addresses();
  for (let i = 0; i < 30; i++) await postAs(at, undefined, { text: "x".repeat(4000) });
  server.kill("SIGKILL");
  await server.ended();
}

function sql(path: string, text: string): void {
  using db = new DatabaseSync(path);
  db.exec(text);
}

const CASES: readonly {
  readonly what: string;
  readonly line: RegExp;
  spoil(path: string, data: string): Promise<void> | void;
}[] = [
  {
    what: "a log with a damaged page",
    line:
      /cannot open .*partyline\.db: (the file is damaged|database disk image is malformed).*backup/,
    async spoil(path, data) {
      await abandoned(data);
      sql(path, "PRAGMA wal_checkpoint(TRUNCATE)");
      using file = await Deno.open(path, { write: true });
      await file.seek(3 * 4096, Deno.SeekMode.Start);
      await file.write(new Uint8Array(4096).fill(0xa5));
    },
  },
  {
    what: "a log that ends too early",
    line: /cannot open .*partyline\.db: .*backup/,
    async spoil(path, data) {
      await abandoned(data);
      sql(path, "PRAGMA wal_checkpoint(TRUNCATE)");
      await Deno.truncate(path, 5000);
    },
  },
  {
    what: "a log of a newer version",
    line: /partyline\.db was written by a newer Partyline \(format 99; .*start that one/,
    async spoil(path, data) {
      await abandoned(data);
      sql(path, "PRAGMA user_version = 99");
    },
  },
  {
    what: "somebody else's database, with writes that are not in its file yet",
    line: /partyline\.db is not a Partyline log; use another --data directory/,
    async spoil(path) {
      const script = `const { DatabaseSync } = await import("node:sqlite");
        const db = new DatabaseSync(${JSON.stringify(path)});
        db.exec("PRAGMA journal_mode = WAL; CREATE TABLE theirs (a); INSERT INTO theirs VALUES (1)");
        Deno.kill(Deno.pid, "SIGKILL");`;
      await new Deno.Command(Deno.execPath(), { args: ["eval", script] }).output();
    },
  },
  {
    what: "a log of 0 bytes beside a session key",
    line:
      /partyline\.db has 0 bytes, but .*its history is lost; restore it from a backup, or remove/,
    async spoil(path, data) {
      await abandoned(data);
      for (const suffix of ["-wal", "-shm"]) await Deno.remove(path + suffix);
      await Deno.truncate(path);
    },
  },
  {
    what: "a file that is no database",
    line: /cannot open .*partyline\.db: file is not a database/,
    spoil: (path) => Deno.writeTextFile(path, "dear diary, ".repeat(1000)),
  },
];

for (const { what, line, spoil } of CASES) {
  Deno.test(`${what} stops the start with one line, and is left as it was`, async () => {
    await using disk = await limitedDisk();
    await spoil(`${disk.data}/partyline.db`, disk.data);
    const before = await files(disk.data);
    await using server = serve(disk.data);
    assertEquals(await server.ended(), 1);
    assertMatch(server.stderr.text, /^partyline: [^\n]+\n$/);
    assertMatch(server.stderr.text, line);
    assertEquals(server.stdout.text, "");
    assertEquals(await files(disk.data), before);
  });
}

for (const [size, what] of [["4k", "no log"], ["40k", "half a log"], ["80k", "no session key"]]) {
  Deno.test({
    name: `a disk with room for ${what} stops the first start with one line that says so`,
    ignore: !mounts, // where nobody may mount a disk
    async fn() {
      await using disk = await smallDisk(`size=${size}`);
      await using server = serve(disk.data);
      const ended = server.ended();
      const up = await Promise.race([ended, server.addresses().then(() => "up", () => ended)]);
      // Whether the last of them is enough is for the kernel's page size to say.
      if (up === "up") return;
      assertEquals(up, 1);
      assertMatch(server.stderr.text, /^partyline: cannot (open|write) [^\n]+--data directory\n$/);
    },
  });
}

Deno.test({
  name: "a disk that may only be read stops the start with one line that says so",
  ignore: !mounts,
  async fn() {
    await using disk = await smallDisk("ro");
    await using server = serve(disk.data);
    assertEquals(await server.ended(), 1);
    assertMatch(server.stderr.text, /^partyline: cannot write to .*Read-only file system[^\n]*\n$/);
  },
});

Deno.test("a second server on the same data is refused, also where its files were deleted", async () => {
  await using disk = await limitedDisk();
  await using server = serve(disk.data);
  await server.addresses();
  for (let tries = 0; tries < 2; tries++) {
    await using second = serve(disk.data);
    assertEquals(await second.ended(), 1);
    assertMatch(second.stderr.text, /^partyline: another Partyline is using [^\n]+\n$/);
    for await (const { name } of Deno.readDir(disk.data)) await Deno.remove(`${disk.data}/${name}`);
  }
});
