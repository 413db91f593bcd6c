import type { Exchange } from "../http/exchange.ts";
import { Visit, type VisitStart } from "../room/visit.ts";
import type { Encodings } from "../wire/encodings.ts";
import { pump } from "./pump/pump.ts";
import { StreamWriter } from "./pump/stream_writer.ts";
import type { Services } from "./services.ts";

/** How one kind of stream differs from the other. */
export interface StreamKind {
  readonly transport: "sse" | "stream";
  readonly contentType: string;
  readonly encode: Encodings["sse"];
  readonly cursor: VisitStart["cursor"];
  /** Sent before the first event. */
  readonly prelude?: string;
}

/** A response that goes on for as long as its reader, paced by the client's own reading. */
export async function stream(
  { room, door, watchdog, journal, dropped, limits }: Services,
  { request, query, session, proof, address }: Exchange,
  { transport, contentType, encode, cursor, prelude = "" }: StreamKind,
): Promise<Response> {
  const start = { cursor, recent: query.recent() };
  await room.reach(cursor);
  const admitted = await door.admit({
    session,
    proof,
    wished: query.name(),
    address: address.hostname,
  });
  const allowance = limits.connect(address.hostname, transport);
  const release = () => allowance[Symbol.dispose]();
  const visit = new Visit(room, admitted, start);
  const writer = new StreamWriter(prelude, leave);
  request.signal.addEventListener("abort", leave, { once: true });
  dropped.addEventListener("abort", leave, { once: true });
  const stay = journal.stay({ transport, address: address.hostname });
  pump(visit, { writer, encode, watchdog, stay }).then((outcome) => {
    dropped.removeEventListener("abort", leave);
    writer.end();
    // The runtime cannot end a response that the peer does not take: it counts until the peer is gone.
    if (outcome !== "stalled" || request.signal.aborted) release();
    else request.signal.addEventListener("abort", release, { once: true });
  });

  function leave(): void {
    writer.abort();
    visit.leave();
  }

  return new Response(writer.body, {
    headers: {
      "content-type": contentType,
      "cache-control": "no-store",
      // Asks nginx not to gather what should go out at once.
      "x-accel-buffering": "no",
    },
  });
}
