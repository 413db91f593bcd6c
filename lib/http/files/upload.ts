import { type Clock, systemClock } from "../../base/clock.ts";
import type { FileStore } from "../../files/mod.ts";
import type { Limits } from "../../limits/mod.ts";
import { Refusal, unavailable } from "../../model/refusal.ts";
import type { Room } from "../../room/room.ts";
import { BodyTimeout } from "../body.ts";
import type { Handler } from "../exchange.ts";
import { json } from "../respond.ts";

/** Slower than any line that is of use: whoever is on average slower than this does not mean to end. */
const BYTES_A_SECOND = 8 * 1024;

export interface UploadServices {
  readonly files: FileStore;
  readonly limits: Limits;
  readonly room: Pick<Room, "checkMayWrite">;
  /** Aborted when what is still open is to be dropped. */
  readonly dropped: AbortSignal;
}

/**
 * POST /api/files?name=photo.png: stores the body, whatever it says of its type, for those who may
 * write: 201 with what messages will tell of it.
 */
export function postFile({ files, limits, room, dropped }: UploadServices): Handler {
  return async ({ request, query, session, proof, address: { hostname } }) => {
    room.checkMayWrite({ session: session?.id, proof, address: hostname });
    checkBytes(request.headers);
    const announced = Number(request.headers.get("content-length") ?? 0);
    files.checkUpload(announced);
    using _held = limits.hold(hostname, "body");
    using allowance = await limits.upload(hostname, { session: session?.id, announced });
    try {
      const chunks = bodyOf(request, { timeoutMs: limits.bodyMs, dropped });
      const file = await files.receive(counted(chunks, allowance.spend), {
        session: session?.id,
        name: query.text("name"),
        announced,
      });
      return json({ file }, { status: 201 });
    } catch (error) {
      if (error instanceof BodyTimeout) limits.note("bodies", hostname);
      throw error;
    }
  };
}

/** Throws a Refusal, with the status 415, where the body is something around a file's bytes. */
function checkBytes(headers: Headers): void {
  const coding = headers.get("content-encoding")?.trim().toLowerCase() ?? "identity";
  const type = headers.get("content-type")?.trim().toLowerCase() ?? "";
  const wrapped = coding !== "identity"
    ? `content-encoding: ${coding.slice(0, 40)}`
    : type.startsWith("multipart/")
    ? "multipart/form-data"
    : undefined;
  if (wrapped === undefined) return;
  throw new Refusal(
    "bad_request",
    `cannot take ${wrapped}; wanted the file's bytes as the body, as by curl --data-binary @FILE`,
    { httpStatus: 415 },
  );
}

async function* counted(
  chunks: AsyncIterable<Uint8Array>,
  spend: (bytes: number) => void,
): AsyncGenerator<Uint8Array> {
  let size = 0;
  for await (const chunk of chunks) {
    spend(size += chunk.length);
    yield chunk;
  }
}

/**
 * The body as it comes. Throws a Refusal where it ends before its end, or a BodyTimeout where it does
 * not come: it has the time for a body, and more for each byte that came.
 */
export async function* bodyOf(
  request: Request,
  { timeoutMs, dropped, clock = systemClock }: {
    readonly timeoutMs: number;
    readonly dropped: AbortSignal;
    readonly clock?: Clock;
  },
): AsyncGenerator<Uint8Array> {
  const reader = request.body?.getReader();
  if (!reader) return;
  let late = false;
  let size = 0;
  const began = clock.monotonic();
  const cancel = () => void reader.cancel().catch(() => {}); // best effort: the client may be gone
  dropped.addEventListener("abort", cancel);
  const read = async () => {
    const budgetMs = timeoutMs + 1000 * size / BYTES_A_SECOND - (clock.monotonic() - began);
    using _timer = clock.after(Math.max(0, budgetMs), () => {
      late = true;
      cancel(); // a read that waits ends
    });
    return await reader.read();
  };
  try {
    for (;;) {
      const { value: chunk, done } = await read();
      if (late) throw new BodyTimeout(timeoutMs);
      if (dropped.aborted) throw unavailable("the server is restarting", 1);
      if (done) return;
      size += chunk.length;
      yield chunk;
    }
  } catch (cause) {
    if (cause instanceof Refusal) throw cause;
    throw new Refusal("bad_request", "the body ended before its end", { cause });
  } finally {
    dropped.removeEventListener("abort", cancel);
    cancel();
  }
}
