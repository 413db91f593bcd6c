import type { Encoders } from "../wire/encodings.ts";
import type { Exchange } from "../http/router.ts";
import { identify, Visit, type Wish } from "../room/visit.ts";

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
  // A chunk that was handed over waits to be taken until the response pulls again.
  let waiting = false;
  let progress = true;
  const writer = {
    isStuck() {
      const stuck = waiting && !progress;
      progress = false;
      return stuck;
    },
    giveUp: finish,
  };
  context.watchdog.watch(writer);
  request.signal.addEventListener("abort", finish, { once: true });
  context.signal.addEventListener("abort", finish, { once: true });

  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      if (kind.prelude) controller.enqueue(new TextEncoder().encode(kind.prelude));
    },
    async pull(controller) {
      waiting = false;
      progress = true;
      const { value, done } = await visit.reader.next();
      if (!done) {
        waiting = true;
        return controller.enqueue(kind.encode(value));
      }
      finish();
      controller.close();
    },
    cancel: finish,
  }, { highWaterMark: 0 });

  function finish(): void {
    visit.leave();
    context.watchdog.forget(writer);
    context.signal.removeEventListener("abort", finish);
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
