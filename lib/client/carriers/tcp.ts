import { settledOr } from "../../base/deadline.ts";
import type { HeardEvent } from "../../model/events.ts";
import { decodeEvent } from "../../wire/event_decoder.ts";
import { LineDecoder } from "../../wire/line_decoder.ts";
import type { Address } from "../address.ts";
import type { CarrierListener, OpenCarrier } from "../carrier.ts";
import { lossOf, Lost } from "../errors.ts";

/** The longest event: a presence of 200 names, or the longest text with every character escaped. */
const LINE_BYTES = 256 * 1024;

/** What a TCP connection must be able to do; a `Deno.TcpConn` can. */
export interface DialedConnection {
  /** Resolves with how many bytes it has put into the buffer, null at the end. */
  read(buffer: Uint8Array<ArrayBuffer>): Promise<number | null>;
  /** Resolves with how many of the bytes it took. */
  write(bytes: Uint8Array<ArrayBuffer>): Promise<number>;
  /** Sends FIN: we have said everything. */
  closeWrite(): Promise<void>;
  close(): void;
  setNoDelay?(noDelay?: boolean): void;
  setKeepAlive?(keepAlive?: boolean): void;
}

/** Opens a TCP connection, over TLS where `tls` is true; rejects where the signal aborts before. */
export type Dial = (
  address: {
    readonly hostname: string;
    readonly port: number;
    readonly tls: boolean;
    readonly signal: AbortSignal;
  },
) => Promise<DialedConnection>;

/** How a room's TCP port is spoken to, with its password where it has one. */
export type TcpCarrier = (
  address: Extract<Address, { type: "tcp" }>,
  password: string | undefined,
) => OpenCarrier;

/** The room's port, in JSON from the first line on; `dial` is `Deno.connect` where TLS is not used. */
export function overTcp(dial: Dial): TcpCarrier {
  return (address, password) => ({ name, token, since }, listener) => {
    const utf8 = new TextEncoder();
    const over = new AbortController();
    const dialing = dial({ ...address, signal: over.signal }).then((conn) => {
      if (over.signal.aborted) closeConnection(conn);
      conn.setNoDelay?.(true);
      conn.setKeepAlive?.(true);
      return conn;
    });
    const end = (why: Error) => {
      if (over.signal.aborted) return;
      drop();
      if (!leaving) listener.closed(why);
    };
    let written: Promise<unknown> = dialing;
    write({ type: "hello", name, token, since, password });
    let leaving = false;
    const heard: CarrierListener["heard"] = (events) => {
      if (!leaving && !over.signal.aborted) listener.heard(events);
    };
    const read = dialing.then((conn) => readEvents(conn, heard, over.signal)).then(
      () => end(new Lost("the server closed the connection")),
      (error) => end(error),
    );

    /** After what was written before. That the connection is broken is for reading to find. */
    function write(object: unknown): void {
      const bytes = utf8.encode(JSON.stringify(object) + "\n");
      written = Promise.all([dialing, written]).then(async ([conn]) => {
        for (let sent = 0; sent < bytes.length;) sent += await conn.write(bytes.subarray(sent));
      }).catch(() => {});
    }

    function drop(): void {
      over.abort();
      dialing.then(closeConnection, () => {});
    }

    return {
      send: write,
      async close(deadline) {
        leaving = true;
        // Our FIN ends what we say; the server still says what it has, and ends too.
        await settledOr(deadline, written.then(() => dialing).then((conn) => conn.closeWrite()));
        await settledOr(deadline, read);
        drop();
        await read;
      },
      drop,
    };
  };
}

async function readEvents(
  conn: DialedConnection,
  heard: CarrierListener["heard"],
  over: AbortSignal,
): Promise<void> {
  const lines = new LineDecoder(LINE_BYTES);
  const buffer = new Uint8Array(16 * 1024);
  let welcomed = false;
  for (;;) {
    const count = await conn.read(buffer).catch(() => {
      throw new Lost("the connection broke");
    });
    if (count === null || over.aborted) return;
    const events: HeardEvent[] = [];
    for (const line of lines.push(buffer.subarray(0, count))) {
      // What is no JSON is for people: the greeting, which comes before our hello is read.
      const event = line.type === "line" ? decodeEvent(line.text) : undefined;
      if (event) events.push(event);
      welcomed ||= event?.type === "welcome";
      if (event?.type === "error" && !welcomed) { // our hello is not accepted
        throw lossOf(event.code, event.message, {
          retryAfter: event.retry_after,
          measure: event.measure,
        });
      }
    }
    heard(events);
  }
}

/** Closes what may be closed already. */
function closeConnection(conn: DialedConnection): void {
  try {
    conn.close();
  } catch {
    // best effort: there is no other error than that it is closed
  }
}
