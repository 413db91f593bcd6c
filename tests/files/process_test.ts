// A server as a process of its own: what it takes of the machine, and what is left when it is killed.
import { assert, assertEquals } from "@std/assert";
import { MemoryPeak } from "../faults/support/memory.ts";
import { settle } from "../support/manual_clock.ts";
import { FREE_PORTS, ServerProcess } from "../support/server.ts";
import { tempDir } from "../support/temp_dir.ts";
import { Raw } from "../transports/clients/raw.ts";
import { contents } from "./uploads.ts";

const MB = 2 ** 20;

/** A body of its own of so many bytes, never whole in this process either. */
function body(number: number, bytes: number): ReadableStream<Uint8Array<ArrayBuffer>> {
  let left = bytes;
  return new ReadableStream({
    pull(controller) {
      if (left === 0) return controller.close();
      const piece = new Uint8Array(Math.min(left, 64 * 1024)).fill(number);
      new DataView(piece.buffer).setUint32(0, left);
      left -= piece.length;
      controller.enqueue(piece);
    },
  });
}

async function upload(url: string, number: number, bytes: number): Promise<string> {
  const response = await fetch(`${url}/api/files?name=a.bin`, {
    method: "POST",
    body: body(number, bytes),
  });
  const { file, error } = await response.json();
  if (error) throw new Error(error.message);
  return file.id;
}

Deno.test("a hundred uploads at once take a bounded amount of memory", async () => {
  await using dir = await tempDir();
  await using server = new ServerProcess([...FREE_PORTS, "--data", dir.data]);
  const { url } = await server.addresses();
  await upload(url, 255, MB); // what is loaded with the first one is not what this is about
  using peak = new MemoryPeak(server.pid);
  const before = peak.mb;
  const ids = await Promise.all(Array.from({ length: 100 }, (_, i) => upload(url, i, 4 * MB)));
  assertEquals(new Set(ids).size, 100);
  assertEquals(contents(`${dir.data}/files`).length, 101);
  const grown = Math.round(peak.mb - before);
  assert(grown < 200, `400 MB in uploads took ${grown} MB`);
  assertEquals(server.reports, "");
});

Deno.test("a server that is killed during uploads keeps what it has answered, and nothing else", async () => {
  await using dir = await tempDir();
  const folder = `${dir.data}/files`;
  let kept: string;
  {
    await using server = new ServerProcess([...FREE_PORTS, "--data", dir.data]);
    const { url, httpPort } = await server.addresses();
    kept = await upload(url, 1, 100_000);
    const raws = await Promise.all(Array.from({ length: 5 }, () => Raw.connect(httpPort)));
    for (const [i, raw] of raws.entries()) {
      await raw.send(
        `POST /api/files?name=a HTTP/1.1\r\nhost: localhost\r\ncontent-length: ${5 * MB}\r\n\r\n`,
      );
      await raw.send(new Uint8Array((i + 1) * 100_000).fill(i));
    }
    while (contents(folder).length < 6) await settle();
    server.kill("SIGKILL");
    await server.ended();
    for (const raw of raws) raw[Symbol.dispose]();
  }
  assertEquals(contents(folder).length, 6, "what had come of them is still there");
  await using server = new ServerProcess([...FREE_PORTS, "--data", dir.data]);
  const { url } = await server.addresses();
  assertEquals(contents(folder), [kept]);
  const response = await fetch(`${url}/files/${kept}/a.bin`);
  assertEquals((await response.arrayBuffer()).byteLength, 100_000);
  const posted = await fetch(`${url}/api/messages`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ text: "", files: [kept] }),
  });
  assertEquals([posted.status, (await posted.json()).seq], [201, 1]);
});
