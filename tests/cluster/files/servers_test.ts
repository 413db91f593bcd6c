// Files over several servers, as clients see it.
import { assert, assertEquals } from "@std/assert";
import { NatsServer, natsTest } from "../../support/nats.ts";
import { IDENTITY, TestServer } from "../../support/server.ts";
import { tempDir } from "../../support/temp_dir.ts";
import { exportFiles } from "../../../lib/files/mod.ts";
import { Program } from "../../support/program.ts";

const LONG = new Uint8Array(1_000_000).map((_, i) => (i * 7) % 251);

/** One node of the room that a NATS has. */
function openNode(nats: NatsServer, data: string): Promise<TestServer> {
  return TestServer.open({
    data,
    cluster: { ...nats.options, stream: "lobby", replicas: 1 },
    identity: { ...IDENTITY, secret: "the secret that all nodes are given" },
    report: () => {}, // that NATS is away
  });
}

async function tokenOf({ url }: TestServer, name: string): Promise<string> {
  const response = await fetch(`${url}/api/session`, { method: "POST", body: name });
  return (await response.json()).token;
}

function upload({ url }: TestServer, token: string, bytes: BodyInit): Promise<Response> {
  const headers = { authorization: `Bearer ${token}` };
  return fetch(`${url}/api/files?name=long.bin`, { method: "POST", headers, body: bytes });
}

async function post({ url }: TestServer, token: string, file: string): Promise<Response> {
  const headers = { "authorization": `Bearer ${token}`, "content-type": "application/json" };
  const body = JSON.stringify({ text: "look", files: [file] });
  return await fetch(`${url}/api/messages`, { method: "POST", headers, body });
}

/** The status, after all of the body. */
async function get({ url }: TestServer, id: string): Promise<[number, Uint8Array, Headers]> {
  const response = await fetch(`${url}/files/${id}/long.bin`);
  return [response.status, await response.bytes(), response.headers];
}

natsTest(
  "a file uploaded to one server, posted through another and read at a third, NATS there or not",
  async () => {
    await using nats = await NatsServer.start();
    await using dirs = await tempDir();
    await using a = await openNode(nats, `${dirs.path}/a`);
    await using b = await openNode(nats, `${dirs.path}/b`);
    await using c = await openNode(nats, `${dirs.path}/c`);
    const token = await tokenOf(a, "ann");

    const { file } = await (await upload(a, token, LONG)).json();
    const posted = await post(b, token, file.id);
    assertEquals(posted.status, 201);
    const { seq } = await posted.json();
    const told = await (await fetch(`${c.url}/api/messages?around=${seq}`)).json();
    assertEquals(told.events.at(-1)?.files ?? told, [file]);
    const readers = await Promise.all(Array.from({ length: 20 }, () => get(c, file.id)));
    for (const [status, bytes] of readers) {
      assertEquals(status, 200);
      assertEquals(bytes, LONG);
    }

    // What an export of a node lacks that has not fetched the bytes, and where it gets them.
    const path = `${dirs.path}/b/files`;
    const own = exportFiles(path);
    assertEquals((await Array.fromAsync(own.lines())).length, 1);
    assertEquals([own.count, own.lacking], [1, 1]);
    for (
      const [flags, lines, said] of [[[], 1, /1 file is not in it/], [
        ["--log", nats.url, "--stream", "lobby"],
        32,
        /^$/,
      ]] as const
    ) {
      await using program = new Program("export", ["--data", `${dirs.path}/b`, ...flags]);
      assertEquals(await program.ended(), 0);
      const files = program.stdout.text.split("\n").filter((line) =>
        /^{"type":"(file|bytes)"/.test(line)
      );
      assertEquals(files.length, lines);
      assert(said.test(program.stderr.text), program.stderr.text);
    }

    await nats.kill();
    for (const [node, wanted] of [[a, 200], [b, 503], [c, 200]] as const) {
      const [status, bytes, headers] = await get(node, file.id);
      assertEquals(status, wanted);
      if (wanted === 200) assertEquals(bytes, LONG);
      else assert(Number(headers.get("retry-after")) > 0);
    }
    const refused = await upload(b, token, "more");
    assertEquals([refused.status, (await refused.json()).error.code], [503, "unavailable"]);
    await nats.restart();
    let [status] = await get(b, file.id);
    while (status === 503) [status] = await get(b, file.id);
    assertEquals(status, 200);

    // Gone with its message, on every server.
    const headers = { authorization: `Bearer ${token}` };
    const remove = () => fetch(`${b.url}/api/messages/${seq}`, { method: "DELETE", headers });
    let removed = await remove();
    while (removed.status === 503) {
      await removed.body?.cancel();
      removed = await remove();
    }
    await removed.body?.cancel();
    assert(removed.ok);
    for (const node of [a, b, c]) {
      while ((await get(node, file.id))[0] === 200);
      assertEquals((await get(node, file.id))[0], 404);
    }
  },
);
