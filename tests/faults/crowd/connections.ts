import type { Addresses } from "../../support/server.ts";
import { openRaw, type RawKind } from "../support/raw_connections.ts";

export interface FloodOptions {
  readonly name: string;
  /** What it sends, over and over. */
  readonly bytes: Uint8Array;
  /** Whether it reads what it is answered. */
  readonly reads: boolean;
  /** It is content with so many bytes. */
  readonly most?: number;
}

/** What floods came to. */
export interface Flooded {
  sent: number;
  received: number;
  cut: number;
}

/** Sends without a pause, and comes back at once each time that it is cut, until the signal aborts. */
export async function flood(
  kind: RawKind,
  at: Addresses,
  { name, bytes, reads, most = Infinity, signal }: FloodOptions & { readonly signal: AbortSignal },
): Promise<Flooded> {
  const came: Flooded = { sent: 0, received: 0, cut: 0 };
  while (!signal.aborted && came.sent < most) {
    await connected(kind, at, { name, signal }, async (conn) => {
      const reading = reads ? drain(conn, (count) => came.received += count) : undefined;
      try {
        while (came.sent < most) came.sent += await conn.write(bytes);
      } finally {
        closeQuietly(conn);
        await reading;
      }
    }).catch(() => came.cut++);
  }
  if (signal.aborted && came.cut > 0) came.cut--; // the last end was ours
  return came;
}

/** As `openRaw`, closed when it is done or the signal aborts; rejects where the connection breaks. */
export async function connected(
  kind: RawKind,
  at: Addresses,
  { name, signal }: { readonly name: string; readonly signal: AbortSignal },
  use: (conn: Deno.TcpConn) => Promise<void>,
): Promise<void> {
  const conn = await openRaw(kind, at, { name });
  const close = () => closeQuietly(conn);
  signal.addEventListener("abort", close);
  try {
    if (!signal.aborted) await use(conn);
  } finally {
    signal.removeEventListener("abort", close);
    close();
  }
}

/** Reads to the end, whatever it is. */
export async function drain(
  conn: Deno.TcpConn,
  count: (bytes: number) => void = () => {},
): Promise<void> {
  const buffer = new Uint8Array(256 * 1024);
  for (;;) {
    const read = await conn.read(buffer).catch(() => null);
    if (read === null) return;
    count(read);
  }
}

export function closeQuietly(conn: Deno.TcpConn): void {
  try {
    conn.close();
  } catch {
    // best effort: it is closed already
  }
}

/** `bytes`, as often as makes a write worth its while. */
export function many(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const times = Math.ceil(WRITE_BYTES / bytes.length);
  const all = new Uint8Array(bytes.length * times);
  for (let i = 0; i < times; i++) all.set(bytes, i * bytes.length);
  return all;
}

const WRITE_BYTES = 64 * 1024;

export function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(bytes < 1e7 ? 1 : 0)} MB`;
}
