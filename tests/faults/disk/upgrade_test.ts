// An upgrade that changes the format of the history, and the way back.

import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { DatabaseSync } from "node:sqlite";
import { Program } from "../../support/program.ts";
import { FREE_PORTS, ServerProcess } from "../../support/server.ts";
import { postAs } from "../../transports/clients/client.ts";
import { limitedDisk } from "../support/disks.ts";
import { VERSION_3 } from "./old_formats.ts";

function formatOf(path: string): number {
  using db = new DatabaseSync(path, { readOnly: true });
  return db.prepare("PRAGMA user_version").get()!.user_version as number;
}

async function said(args: string[]): Promise<[number, string]> {
  await using program = new ServerProcess([...FREE_PORTS, ...args]);
  return [await program.ended(), program.stdout.text + program.stderr.text];
}

/** The texts of a server on this folder, after it has been told one more. */
async function textsAfter(data: string, text: string): Promise<string[]> {
  await using server = new ServerProcess([...FREE_PORTS, "--data", data]);
  const at = await server.addresses();
  await postAs(at, undefined, { text });
  const { events } = await (await fetch(`${at.url}/api/messages`)).json();
  server.kill("SIGTERM");
  assertEquals(await server.ended(), 0);
  return events.map(({ text }: { text: string }) => text);
}

Deno.test("an upgrade brings the history up to date, an older program refuses it, and the backup leads back", async () => {
  await using disk = await limitedDisk();
  const data = `${disk.data}/data`;
  const saved = `${disk.data}/saved`;
  const before = ["good morning", "morning, ann", "is it raining?"];
  await Deno.mkdir(data);
  {
    using old = new DatabaseSync(`${data}/partyline.db`);
    old.exec(VERSION_3);
  }

  // Before: it is told what the start would do, and a backup keeps the format that it has.
  const [ready, found] = await said(["--check", "--data", data]);
  assertEquals(ready, 0);
  assertStringIncludes(found, "the history is of an older format");
  assertEquals(formatOf(`${data}/partyline.db`), 3);
  await using backup = new Program("backup", ["--data", data, "--all", saved]);
  assertEquals(await backup.ended(), 0, backup.stderr.text);
  assertEquals(formatOf(`${saved}/partyline.db`), 3);

  // The upgrade is a start.
  assertEquals(await textsAfter(data, "after the upgrade"), [...before, "after the upgrade"]);
  const format = formatOf(`${data}/partyline.db`);
  assert(format > 3);
  assertStringIncludes((await said(["--check", "--data", data]))[1], "its database is sound");

  // A program that knows less than the file: as this one for a file of the next format.
  {
    using db = new DatabaseSync(`${data}/partyline.db`);
    db.exec(`PRAGMA user_version = ${format + 1}`);
  }
  const bytes = await Deno.readFile(`${data}/partyline.db`);
  const [code, refusal] = await said(["--data", data]);
  assertEquals(code, 1);
  assertMatch(
    refusal,
    new RegExp(
      `^partyline: .*/partyline\\.db was written by a newer Partyline \\(format ${format + 1}; ` +
        `this one knows up to ${format}\\); .*\\n$`,
    ),
  );
  assertEquals(await Deno.readFile(`${data}/partyline.db`), bytes, "and is left as it is");

  // The way back: the copy of before, with what was there then.
  await Deno.rename(data, `${disk.data}/newer`);
  await Deno.rename(saved, data);
  assertEquals(await textsAfter(data, "after the way back"), [...before, "after the way back"]);
});
