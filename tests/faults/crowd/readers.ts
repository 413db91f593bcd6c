import { Buffer } from "node:buffer";
import { openRaw, RAW_KINDS } from "../support/raw_connections.ts";
import type { Load } from "./load.ts";

const LIVE = '{"type":"live"';
const LOOK_BYTES = 8 * 1024;
const NOT_EVEN_OPEN = { bytes: 0, isLive: false, why: "cannot connect" };
/** An unasked pong (RFC 6455, section 5.5.3), so that a reader is not taken for gone. */
const PONG = new Uint8Array([0x8a, 0x80, 0, 0, 0, 0]);
const PONG_MS = 5000;

/** So many read the whole history over one transport. */
export function readers(path: "/stream" | "/ws", count: number): Load {
  const kind = RAW_KINDS.find(({ name }) => name === path)!;
  return {
    name: `${count} readers of the whole history, ${path}`,
    async run(at, signal) {
      const start = performance.now();
      const done = await Promise.all(Array.from({ length: count }, async (_, i) => {
        const conn = await openRaw(kind, at, { name: `reader${i}`, since: 0 }).catch(() => {});
        return conn ? await readToLive(conn, signal, path === "/ws") : NOT_EVEN_OPEN;
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
