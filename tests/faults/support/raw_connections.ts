import type { Addresses } from "../../support/server.ts";

/** What a raw connection says first. */
export interface RawOptions {
  readonly name: string;
  /** The seq after which to go on. */
  readonly since?: number;
  /** Where the server is, if not on the loopback. */
  readonly hostname?: string;
}

/** A way into the room as bytes: for clients that do what no library would, as to read no further. */
export interface RawKind {
  readonly name: string;
  readonly port: (at: Addresses) => number;
  readonly opening: (options: RawOptions) => Uint8Array<ArrayBuffer>;
}

const UTF8 = new TextEncoder();

/** Every way in that stays open. */
export const RAW_KINDS: readonly RawKind[] = [
  upgrade("/ws"),
  upgrade("/ws/text"),
  request("/events"),
  request("/stream"),
  lines("tcp", ({ name, since }) => `${name}\n${since === undefined ? "" : `/since ${since}\n`}`),
  lines("tcp, JSON", ({ name, since }) => {
    return JSON.stringify({ type: "hello", name, since: since?.toString() }) + "\n";
  }),
];

/** Not into the room: what is sent comes back. */
export const ECHO = upgrade("/echo");

/** Connects and says the opening; the caller reads, or does not, and closes. */
export async function openRaw(
  kind: RawKind,
  at: Addresses,
  options: RawOptions,
): Promise<Deno.TcpConn> {
  const { hostname = "127.0.0.1" } = options;
  const conn = await Deno.connect({ hostname, port: kind.port(at) });
  const bytes = kind.opening({ ...options, hostname });
  for (let sent = 0; sent < bytes.length;) sent += await conn.write(bytes.subarray(sent));
  return conn;
}

/** A text frame as a client sends it, masked (RFC 6455, section 5.2); up to 125 bytes. */
export function clientFrame(text: string): Uint8Array<ArrayBuffer> {
  const payload = UTF8.encode(text);
  if (payload.length > 125) throw new RangeError("only short frames are needed here");
  // A mask of zeros leaves the payload as it is.
  return new Uint8Array([0x81, 0x80 | payload.length, 0, 0, 0, 0, ...payload]);
}

function httpPort({ httpPort }: Addresses): number {
  return httpPort;
}

function target(path: string, { name, since }: RawOptions): string {
  const query = new URLSearchParams({ name });
  if (since !== undefined) query.set("since", String(since));
  return `${path}?${query}`;
}

function request(path: string): RawKind {
  return {
    name: path,
    port: httpPort,
    opening: (options) =>
      UTF8.encode(
        `GET ${target(path, options)} HTTP/1.1\r\nHost: ${options.hostname}\r\n` +
          "Connection: close\r\n\r\n", // so that the end of the response can be seen
      ),
  };
}

function upgrade(path: string): RawKind {
  return {
    name: path,
    port: httpPort,
    opening(options) {
      const head = UTF8.encode(
        `GET ${target(path, options)} HTTP/1.1\r\nHost: ${options.hostname}\r\n` +
          "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n" +
          "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
      );
      // Over /ws/text the first frames are lines; elsewhere the query has said everything.
      if (path !== "/ws/text") return head;
      const { name, since } = options;
      const said = since === undefined ? [name] : [name, `/since ${since}`];
      return new Uint8Array([...head, ...said.flatMap((line) => [...clientFrame(line)])]);
    },
  };
}

function lines(name: string, opening: (options: RawOptions) => string): RawKind {
  return {
    name,
    port: ({ tcpPort }) => tcpPort,
    opening: (options) => UTF8.encode(opening(options)),
  };
}
