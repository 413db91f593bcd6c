import type { Encoders } from "../encoders.ts";
import type { Exchange } from "../http/router.ts";
import { identify, Visit, type Wish } from "../visit.ts";

/** How one kind of stream differs from the other. */
export interface StreamKind {
  readonly contentType: string;
  readonly encode: Encoders["sse"];
  /** Sent before the first event. */
  readonly prelude?: string;
}

/**
 * A response that goes on for as long as its reader: each pull is one turn of the loop, so that the
 * client's own reading paces it. What waits for a slow one is its cursor.
 */
export async function stream(
  { request, query, context, session }: Exchange,
  kind: StreamKind,
  cursor: Wish["cursor"] = query.cursor(),
): Promise<Response> {
  const wish = { cursor, recent: query.recent() };
  const visit = new Visit(
    context.room,
    await identify(context, session, query.name()),
    wish,
  );
  const leave = () => visit.leave();
  request.signal.addEventListener("abort", leave, { once: true });
  context.signal.addEventListener("abort", leave, { once: true });

  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      if (kind.prelude) controller.enqueue(new TextEncoder().encode(kind.prelude));
    },
    async pull(controller) {
      const { value, done } = await visit.reader.next();
      if (!done) return controller.enqueue(kind.encode(value));
      finish();
      controller.close();
    },
    cancel: finish,
  }, { highWaterMark: 0 });

  function finish(): void {
    visit.leave();
    context.signal.removeEventListener("abort", leave);
  }

  return new Response(body, {
    headers: {
      "content-type": kind.contentType,
      "cache-control": "no-store",
      // Asks nginx not to gather what should go out at once.
      "x-accel-buffering": "no",
    },
  });
}
