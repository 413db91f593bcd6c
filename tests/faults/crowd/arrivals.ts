import { connect } from "node:net";
import type { Addresses } from "../../support/server.ts";
import { openRaw, RAW_KINDS, type RawKind } from "../support/raw_connections.ts";
import { closeQuietly, connected } from "./connections.ts";
import type { Load } from "./load.ts";

const TCP = RAW_KINDS.find(({ name }) => name === "tcp")!;

/** How long the next one to come waits for the prompt, after so many connections that were reset. */
export function resets(count: number): Load {
  return {
    name: `${count} connections to the TCP port, reset at once`,
    async run(at, signal) {
      let [rounds, worst, turnedAway] = [0, 0, 0];
      while (!signal.aborted) {
        await Promise.all(Array.from({ length: count }, () => connectAndReset(at.tcpPort)));
        const start = performance.now();
        if (!await isAsked(at, signal)) turnedAway++;
        worst = Math.max(worst, performance.now() - start);
        rounds++;
      }
      return `${rounds} times; the next one waits ${worst.toFixed(0)} ms for the prompt at worst` +
        (turnedAway > 0 ? `, told to come later ${turnedAway} times` : "");
    },
  };
}

/** Whether the first line asks for the name. */
async function isAsked(at: Addresses, signal: AbortSignal): Promise<boolean> {
  const conn = await openRaw({ ...TCP, opening: () => new Uint8Array() }, at, { name: "" });
  const close = () => closeQuietly(conn);
  signal.addEventListener("abort", close);
  const buffer = new Uint8Array(1024);
  const count = await conn.read(buffer).catch(() => null);
  signal.removeEventListener("abort", close);
  close();
  return new TextDecoder().decode(buffer.subarray(0, count ?? 0)).startsWith("* ");
}

/** Some of them before the server has accepted them (FINDINGS: `accept` rejects then). */
function connectAndReset(port: number): Promise<void> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1", () => socket.resetAndDestroy());
    socket.on("error", () => {}); // close follows
    socket.on("close", () => resolve());
  });
}

/** So many connections that send half a request and stay. */
export function halves(count: number): readonly Load[] {
  return [
    half("head", count, "GET / HTTP/1.1\r\nHost: localhost\r\nX-Half: "),
    half(
      "body",
      count,
      "POST /api/messages HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\nx",
    ),
  ];
}

function half(what: string, count: number, sent: string): Load {
  const kind = request(sent);
  return {
    name: `${count} requests with half a ${what}`,
    async run(at, signal) {
      const answers = new Map<string, number>();
      let ended = 0;
      await Promise.all(Array.from({ length: count }, async () => {
        let last: string | undefined;
        await connected(kind, at, { name: "", signal }, async (conn) => {
          const buffer = new Uint8Array(4096);
          for (;;) {
            const read = await conn.read(buffer);
            if (read === null) break;
            last = /HTTP\/1\.1 (\d+)/.exec(new TextDecoder().decode(buffer))?.[1] ?? last;
          }
          ended++;
        }).catch(() => {}); // ended by the signal, or refused
        if (last !== undefined) answers.set(last, (answers.get(last) ?? 0) + 1);
      }));
      const told = [...answers].map(([status, times]) => `${times} told ${status}`);
      return [...told, `${count - ended} still open`].join(", ");
    },
  };
}

function request(text: string): RawKind {
  const bytes = new TextEncoder().encode(text);
  return { name: "half", port: ({ httpPort }) => httpPort, opening: () => bytes };
}
