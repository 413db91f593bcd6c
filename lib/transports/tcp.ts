import type { EventLoop } from "../base/event_loop.ts";
import { closeQuietly } from "../base/net/accept.ts";
import { type Allowance, bytesCost } from "../limits/mod.ts";
import { errorEvent } from "../model/events.ts";
import { LIMITS } from "../model/message.ts";
import { Refusal } from "../model/refusal.ts";
import { type DecodedLine, LineDecoder } from "../wire/line_decoder.ts";
import { TelnetFilter } from "../wire/telnet.ts";
import { converse, type EmptyLine } from "./lines/conversation.ts";
import { ConnWriter } from "./pump/conn_writer.ts";
import type { Services } from "./services.ts";

/** A connection that has not come in by then has not come to chat. */
const COME_IN_MS = 30_000;

export interface TcpRoomOptions {
  readonly emptyLine: EmptyLine;
  /** Of the client, where it is not the other end of the connection. */
  readonly address?: string;
  /** Where the room's pages are for the client, as `http://host:8080/`, where that is known. */
  readonly base?: string | undefined;
}

/** The line protocol over TCP, for `nc`, telnet and programs. Resolves when it has ended; the caller closes it. */
export async function tcpRoom(
  conn: Deno.TcpConn,
  services: Services,
  { emptyLine, address = conn.remoteAddr.hostname, base }: TcpRoomOptions,
): Promise<void> {
  let connected;
  try {
    connected = services.limits.connect(address, "tcp");
  } catch (error) {
    const refused = { events: [errorEvent(Refusal.from(error))], seq: services.room.tail.seq };
    await conn.write(services.encodings.lines(refused)); // so little that the kernel has room for it
    return;
  }
  using allowance = connected;
  const close = () => closeQuietly(conn);
  services.dropped.addEventListener("abort", close, { once: true });
  using patience = services.room.loop.after(COME_IN_MS, close);
  try {
    await converse(services, {
      address,
      base,
      proof: undefined,
      stay: services.journal.stay({ transport: "tcp", address }),
      input: readLines(conn, allowance, services.room.loop),
      allowance,
      encode: { lines: services.encodings.lines, json: services.encodings.jsonLines },
      writer: new ConnWriter(conn),
      cameIn: () => patience[Symbol.dispose](),
      hangUp: close,
    }, emptyLine);
  } finally {
    services.dropped.removeEventListener("abort", close);
  }
}

/** A client that sends without end gives way to the others. Ends before the end of input where the client has sent too much. */
async function* readLines(
  conn: Deno.Conn<Deno.NetAddr>,
  allowance: Allowance,
  loop: EventLoop,
): AsyncGenerator<readonly DecodedLine[]> {
  const telnet = new TelnetFilter();
  const decoder = new LineDecoder(LIMITS.bytes);
  const buffer = new Uint8Array(16 * 1024);
  for (;;) {
    const count = await conn.read(buffer).catch(() => null); // cut off: the end of input
    if (count === null) break;
    const lines = decoder.push(telnet.push(buffer.subarray(0, count)));
    if (!allowance.take(lines.length + bytesCost(count))) return;
    if (lines.length > 0) yield lines;
    // There is more already.
    if (count === buffer.length) await new Promise<void>((resolve) => loop.giveWay(resolve));
  }
  const last = decoder.end();
  if (last) yield [last];
}
