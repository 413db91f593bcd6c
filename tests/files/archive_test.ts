import { assert, assertEquals, assertRejects } from "@std/assert";
import { backUpFiles, exportFiles, importFiles, withFileCount } from "../../lib/files/mod.ts";
import { Program } from "../support/program.ts";
import { FREE_PORTS, ServerProcess } from "../support/server.ts";
import { tempDir } from "../support/temp_dir.ts";
import { contents, inPieces, openStore, png, textBytes } from "./uploads.ts";

const LONG = new Uint8Array(100_000).map((_, i) => (i * 7) % 251);

/** A folder with three files, and the ids of these. */
async function makeFiles(path: string): Promise<string[]> {
  await using store = openStore(path);
  const ids: string[] = [];
  for (const bytes of [textBytes("hello"), LONG, png(20, 10)]) {
    const { id } = await store.receive(inPieces(bytes), { session: "ann", name: "a" });
    ids.push(id);
  }
  return ids;
}

async function* each(lines: readonly string[]): AsyncGenerator<string> {
  yield* lines;
}

const HEAD = withFileCount('{"type":"log","v":1,"messages":1}', 3);

Deno.test("what is exported is imported: the same bytes under the same ids, told anew what they are", async () => {
  await using dir = await tempDir();
  const ids = await makeFiles(`${dir.path}/from`);
  const files = exportFiles(`${dir.path}/from`);
  assertEquals(files.count, 3);
  const lines = [HEAD, '{"type":"message"}', ...await Array.fromAsync(files.lines())];
  assert(lines.every((line) => line.length < 64 * 1024), "lines that an import takes");
  const to = `${dir.path}/to`;
  const passed = await Array.fromAsync(importFiles(to, each(lines)));
  assertEquals(passed.length, lines.length, "lines are counted as they stand there");
  assertEquals(passed.filter((line) => line !== ""), [HEAD, '{"type":"message"}']);
  assertEquals(contents(to), ids.toSorted());
  assertEquals(await Deno.readFile(`${to}/${ids[1]}`), LONG);
  await using store = openStore(to);
  const { type, width, height } = store.find(ids[2]!)!;
  assertEquals([type, width, height], ["image/png", 20, 10]);
});

Deno.test("an export whose files are not what they were, or not all there, is refused", async () => {
  await using dir = await tempDir();
  await makeFiles(`${dir.path}/from`);
  const lines = [HEAD, ...await Array.fromAsync(exportFiles(`${dir.path}/from`).lines())];
  const bytes = lines.findIndex((line) => line.startsWith('{"type":"bytes"'));
  const cases: [string[], RegExp][] = [
    [lines.slice(0, -2), /^the export has 2 of 3 files$/],
    [lines.slice(0, -1), /^the bytes of a file are missing$/],
    [lines.with(bytes, '{"type":"bytes","data":"aGk="}'), /has (?:other bytes than it had|2 of)/],
    [lines.with(1, lines[1]!.replace(/"id":"../, '"id":"zz')), /^"id" is none of a file$/],
    [lines.with(1, lines[1]!.replace(/"size":\d+/, '"size":-1')), /^"size" must be a whole/],
  ];
  for (const [i, [changed, why]] of cases.entries()) {
    const to = `${dir.path}/to${i}`;
    const error = await assertRejects(() => Array.fromAsync(importFiles(to, each(changed))), Error);
    assert(why.test(error.message), error.message);
  }
});

Deno.test("a file that is removed during an export or a backup is left out, and the rest is whole", async () => {
  await using dir = await tempDir();
  const from = `${dir.path}/from`;
  const [first, ...others] = await makeFiles(from);
  const files = exportFiles(from);
  await Deno.remove(`${from}/${first}`);
  const lines = [HEAD, ...await Array.fromAsync(files.lines())];
  await Array.fromAsync(importFiles(`${dir.path}/to`, each(lines)));
  assertEquals(contents(`${dir.path}/to`), others.toSorted());
  assertEquals((await backUpFiles(from, `${dir.path}/saved`)).count, 2);
  assertEquals(contents(`${dir.path}/saved`), others.toSorted());
  assertEquals((await backUpFiles(`${dir.path}/none`, `${dir.path}/empty`)).count, 0);
});

Deno.test("files go with the history into a backup of all, and into an export and out of it", async () => {
  await using dir = await tempDir();
  let id: string;
  const [data, saved, imported, lines] = ["data", "saved", "imported", "lobby.ndjson"]
    .map((name) => `${dir.path}/${name}`) as [string, string, string, string];
  {
    await using server = new ServerProcess([...FREE_PORTS, "--data", data]);
    const { url } = await server.addresses();
    const uploaded = await fetch(`${url}/api/files?name=long.bin`, { method: "POST", body: LONG });
    id = (await uploaded.json()).file.id;
    const body = JSON.stringify({ text: "", files: [id] });
    const headers = { "content-type": "application/json" };
    await (await fetch(`${url}/api/messages`, { method: "POST", headers, body })).body?.cancel();
    for (const [task, ...args] of [["backup", "--all", saved], ["export", lines]] as const) {
      await using program = new Program(task, ["--data", data, ...args]);
      assertEquals([await program.ended(), program.stderr.text], [0, ""]);
    }
  }
  await using program = new Program("import", ["--data", imported, lines]);
  assertEquals([await program.ended(), program.stderr.text], [0, ""]);
  for (const folder of [saved, imported]) {
    for (const name of contents(`${folder}/files`)) {
      assertEquals(Deno.statSync(`${folder}/files/${name}`).mode! & 0o777, 0o600);
    }
    await using server = new ServerProcess([...FREE_PORTS, "--data", folder]);
    const { url } = await server.addresses();
    const { events } = await (await fetch(`${url}/api/messages`)).json();
    assertEquals(events[0].files[0].name, "long.bin");
    const served = await fetch(`${url}/files/${id}/long.bin`);
    assertEquals(new Uint8Array(await served.arrayBuffer()), LONG);
  }
});
