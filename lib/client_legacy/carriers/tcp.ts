import { close, isDisconnect } from "../../base/accept.ts";
import type { RoomEvent } from "../../model/events.ts";
import { LineDecoder } from "../../wire/line_decoder.ts";
import { settledOr } from "../../base/deadline.ts";
import type { Connect } from "../carrier.ts";
import { decodeEvent } from "../../wire/event_decoder.ts";
import { Inbox } from "../inbox.ts";

/** The longest event: a presence of 200 names, or the longest text with every character escaped. */
const LINE_BYTES = 256 * 1024;

/** Connects to the room port, and speaks JSON from the first line on. */
export function overTcp(address: { hostname: string; port: number }): Connect {
  return async (opening, signal) => {
    const conn = await Deno.connect({ ...address, signal });
    conn.setNoDelay(true);
    conn.setKeepAlive(true);
    const events = new Inbox<RoomEvent | undefined>();
    const utf8 = new TextEncoder();
    const read = readEvents(conn, events);
    let written = Promise.resolve();
    write({ type: "hello", ...opening });

    /** After what was written before. That the connection is broken is for reading to find. */
    function write(object: unknown): void {
      const bytes = utf8.encode(JSON.stringify(object) + "\n");
      written = written.then(async () => {
        for (let sent = 0; sent < bytes.length;) sent += await conn.write(bytes.subarray(sent));
      }).catch(() => {});
    }

    return {
      events,
      send: write,
      async close(deadline) {
        // Our FIN ends what we say; the server still says what it has, and ends too.
        await settledOr(deadline, written.then(() => conn.closeWrite()));
        await settledOr(deadline, read);
        events.end();
        close(conn);
        await read;
      },
      drop(why) {
        events.end(why);
        close(conn);
      },
    };
  };
}

async function readEvents(conn: Deno.TcpConn, events: Inbox<RoomEvent | undefined>): Promise<void> {
  const lines = new LineDecoder(LINE_BYTES);
  const buffer = new Uint8Array(16 * 1024);
  try {
    for (;;) {
      const count = await conn.read(buffer);
      if (count === null) return events.end(new Error("the server closed the connection"));
      for (const line of lines.push(buffer.subarray(0, count))) {
        // What is no JSON is for people: the greeting, which comes before our hello is read.
        events.push(line.type === "line" ? decodeEvent(line.text) : undefined);
      }
    }
  } catch (error) {
    events.end(isDisconnect(error) ? new Error("the connection broke") : error as Error);
  }
}
