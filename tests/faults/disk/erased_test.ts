import { assert, assertEquals } from "@std/assert";
import { exportLines } from "../../../lib/log/sqlite_export.ts";
import { TestServer } from "../../support/server.ts";
import { postAs } from "../../transports/clients/client.ts";
import { websocket } from "../../transports/clients/websocket.ts";
import { pause } from "../chaos/writer.ts";
import { limitedDisk } from "../support/disks.ts";

const WORDS = ["quetzalcoatlus", "xylophonist", "zwischenspiel"] as const;
const MINUTE_MS = 60_000;

/** The files of a folder that have one of the words, wherever they lie in it. */
async function* found(dir: string): AsyncGenerator<string> {
  for await (const { name, isDirectory } of Deno.readDir(dir)) {
    const path = `${dir}/${name}`;
    if (isDirectory) yield* found(path);
    else {
      const bytes = new TextDecoder("latin1").decode(await Deno.readFile(path)).toLowerCase();
      if (WORDS.some((word) => bytes.includes(word))) yield path;
    }
  }
}

Deno.test("a deleted message, and all it was before, is in no file of the data folder within a minute, and told nowhere", async () => {
  await using disk = await limitedDisk();
  const { data } = disk;
  await using server = await TestServer.open({ data });
  const { url } = server;
  await using ann = await websocket.join(server, { name: "ann" });
  const { seq: ref } = await ann.say(`my ${WORDS[0]}`, "c-1");
  await ann.send({ type: "edit", ref, text: `no, my ${WORDS[1]}`, id: "c-2" });
  await postAs(server, ann.token, { type: "edit", ref, text: `or my ${WORDS[2]}`, id: "c-3" });
  await ann.send({ type: "reaction", ref, emoji: "👍", on: true });
  await ann.say("so be it");
  assert((await Array.fromAsync(found(data))).length > 0, "or this could not fail");

  const deletedAt = performance.now();
  await ann.send({ type: "delete", ref, id: "c-4" });
  const told = [
    ...await Promise.all(
      [
        ...["/api/messages", "/poll?since=0&wait=0", "/"],
        ...WORDS.map((word) => `/api/search?q=${word}`),
      ].map(async (path) => (await fetch(url + path)).text()),
    ),
    ...exportLines(`${data}/partyline.db`),
  ].join("\n");
  assert(told.includes("so be it"));
  assertEquals(WORDS.filter((word) => told.includes(word)), []);

  while ((await Array.fromAsync(found(data))).length > 0) {
    assert(performance.now() - deletedAt < MINUTE_MS, "it is still there");
    await pause(200);
  }
  const again = await ann.say(`my ${WORDS[0]}`, "c-1");
  assertEquals(again, { seq: ref, duplicate: true });
});
