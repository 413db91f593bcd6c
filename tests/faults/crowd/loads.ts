import { Buffer } from "node:buffer";
import type { Addresses } from "../../support/server.ts";
import { openRaw, RAW_KINDS } from "../support/raw_connections.ts";

/** Something that many, or one who does not mind others, do to a server. */
export interface Load {
  readonly name: string;
  /** Until it is done, or the signal aborts; resolves with what came of it, in a few words. */
  readonly run: (at: Addresses, signal: AbortSignal) => Promise<string>;
}

export interface LoadOptions {
  readonly streams: number;
  readonly sockets: number;
}

/** Those of the loads on a server that read. */
export function loadsOf({ streams, sockets }: LoadOptions): readonly Load[] {
  return [
    readers("/stream", streams),
    readers("/ws", sockets),
    {
      name: "8 clients that search for what is not there",
      run: (at, signal) => repeat(8, signal, (i, n) => search(at, signal, `${i}${n}`)),
    },
    { name: "one TCP client that repeats /since 1", run: repeatSince },
    {
      name: "GET / in 4 loops",
      run: (at, signal) => repeat(4, signal, () => get(`${at.url}/`, signal)),
    },
  ];
}

/** All of them at the same time. */
export function together(loads: readonly Load[]): Load {
  return {
    name: "all of these together",
    async run(at, signal) {
      const came = await Promise.all(loads.map((load) => load.run(at, signal)));
      return came.join("; ");
    },
  };
}

const LIVE = '{"type":"live"';
const LOOK_BYTES = 8 * 1024;
/** An unasked pong (RFC 6455, section 5.5.3), so that a reader is not taken for gone. */
const PONG = new Uint8Array([0x8a, 0x80, 0, 0, 0, 0]);
const PONG_MS = 5000;

/** So many read the whole history over one transport. */
function readers(path: "/stream" | "/ws", count: number): Load {
  const kind = RAW_KINDS.find(({ name }) => name === path)!;
  return {
    name: `${count} readers of the whole history, ${path}`,
    async run(at, signal) {
      const start = performance.now();
      const done = await Promise.all(Array.from({ length: count }, async (_, i) => {
        const conn = await openRaw(kind, at, { name: `reader${i}`, since: 0 });
        return await readToLive(conn, signal, path === "/ws");
      }));
      const bytes = done.reduce((sum, { bytes }) => sum + bytes, 0);
      const finished = done.filter(({ isLive }) => isLive).length;
      const seconds = (performance.now() - start) / 1000;
      const ended = done.find(({ why }) => why !== undefined)?.why;
      return `${finished} of ${count} done in ${seconds.toFixed(1)} s, ` +
        `${(bytes / seconds / 1e6).toFixed(0)} MB/s` + (ended === undefined ? "" : ` (${ended})`);
    },
  };
}

async function readToLive(conn: Deno.TcpConn, signal: AbortSignal, pongs: boolean) {
  const buffer = new Uint8Array(256 * 1024);
  const close = () => conn.close();
  let bytes = 0;
  let isLive = false;
  let why: string | undefined;
  let ponged = performance.now();
  /** The marker may lie across two reads. */
  let carry = "";
  signal.addEventListener("abort", close);
  try {
    while (!isLive) {
      const count = await conn.read(buffer);
      if (count === null) throw new Error(`ended after ${bytes} bytes`);
      bytes += count;
      // What comes after it is what people say now: not much.
      const chunk = Buffer.from(buffer.subarray(Math.max(0, count - LOOK_BYTES), count));
      isLive = chunk.includes(LIVE) ||
        (carry + chunk.toString("latin1", 0, LIVE.length)).includes(LIVE);
      carry = chunk.toString("latin1", Math.max(0, chunk.length - LIVE.length));
      if (pongs && performance.now() - ponged > PONG_MS) {
        ponged = performance.now();
        await conn.write(PONG);
      }
    }
  } catch (error) {
    why = signal.aborted ? "given up" : String(error);
  }
  signal.removeEventListener("abort", close);
  if (!signal.aborted) conn.close();
  return { bytes, isLive, why };
}

/** So many loops, each asking again as soon as it is answered. */
async function repeat(
  loops: number,
  signal: AbortSignal,
  ask: (loop: number, times: number) => Promise<void>,
): Promise<string> {
  const start = performance.now();
  let answers = 0;
  await Promise.all(Array.from({ length: loops }, async (_, i) => {
    try {
      for (let n = 0; !signal.aborted; n++) {
        await ask(i, n);
        answers++;
      }
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }));
  return `${(answers / (performance.now() - start) * 1000).toFixed(0)} answers a second`;
}

/** Words that are made of frequent runs of letters, and do not occur. */
async function search({ url }: Addresses, signal: AbortSignal, number: string): Promise<void> {
  await get(`${url}/api/search?q=${encodeURIComponent(`the quickbrown ${number}x`)}`, signal);
}

async function get(url: string, signal: AbortSignal): Promise<void> {
  const response = await fetch(url, { signal });
  await response.arrayBuffer();
}

async function repeatSince({ tcpPort }: Addresses, signal: AbortSignal): Promise<string> {
  const conn = await Deno.connect({ hostname: "127.0.0.1", port: tcpPort });
  const close = () => conn.close();
  signal.addEventListener("abort", close);
  const lines = new TextEncoder().encode("/since 1\n".repeat(100));
  let bytes = 0;
  const buffer = new Uint8Array(256 * 1024);
  const write = async () => {
    await conn.write(new TextEncoder().encode("flooder\n"));
    for (;;) await conn.write(lines);
  };
  const read = async () => {
    for (let count = 0; count !== null; count = await conn.read(buffer) as number) bytes += count;
  };
  const ended = await Promise.race([write(), read()]).then(() => "ended", () => "cut");
  signal.removeEventListener("abort", close);
  if (signal.aborted) return `${(bytes / 1e6).toFixed(0)} MB read, never cut`;
  conn.close();
  return ended;
}
