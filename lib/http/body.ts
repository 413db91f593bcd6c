import { type Clock, systemClock } from "../base/clock.ts";
import type { Limits } from "../limits/mod.ts";
import { LIMITS } from "../model/message.ts";
import { parseObject } from "../wire/json.ts";
import { Refusal } from "../model/refusal.ts";
import type { Exchange } from "./exchange.ts";

/** The body did not come in time: a status of its own, 408 (RFC 9110, section 15.5.9). */
export class BodyTimeout extends Refusal {
  constructor(timeoutMs: number) {
    const what = `the body did not come within ${timeoutMs / 1000} s; send it at once`;
    super("bad_request", what, { httpStatus: 408 });
  }
}

/** The body of a request, as text; until it is there, the request counts as an open connection. */
export async function receiveBody(
  { request, address }: Exchange,
  limits: Limits,
): Promise<string> {
  using _held = limits.hold(address.hostname, "body");
  try {
    return await readBody(request, { timeoutMs: limits.bodyMs });
  } catch (error) {
    if (error instanceof BodyTimeout) limits.note("bodies", address.hostname);
    throw error;
  }
}

/**
 * The body as text. Throws a Refusal where it is longer than any we accept, or not UTF-8, or a
 * BodyTimeout where it does not come in time.
 */
export async function readBody(
  request: Request,
  { timeoutMs, clock = systemClock }: { readonly timeoutMs: number; readonly clock?: Clock },
): Promise<string> {
  const utf8 = new TextDecoder("utf-8", { fatal: true });
  const reader = request.body?.getReader();
  if (!reader) return "";
  const cancel = () => reader.cancel().catch(() => {}); // best effort: the client may be gone
  let late = false;
  let text = "";
  let length = 0;
  using _timer = clock.after(timeoutMs, () => {
    late = true;
    cancel(); // a read that waits ends
  });
  try {
    for (;;) {
      const { value: chunk, done } = await reader.read();
      if (late) throw new BodyTimeout(timeoutMs);
      if (done) return text + utf8.decode();
      length += chunk.length;
      if (length > LIMITS.bytes) {
        throw new Refusal("too_long", `the body is too long; at most ${LIMITS.bytes} bytes`);
      }
      text += utf8.decode(chunk, { stream: true });
    }
  } catch (cause) {
    cancel();
    if (late) throw new BodyTimeout(timeoutMs);
    if (cause instanceof Refusal) throw cause;
    throw new Refusal("bad_request", "the body is not UTF-8", { cause });
  }
}

/**
 * The fields of a JSON object, or of a form that has one of the fields `wanted`; any other text is the
 * first of them, as it was typed: `curl -d '1+1=2'` says that it sends a form, and means the text.
 */
export function readFields(
  body: string,
  contentType: string | null,
  wanted: readonly [string, ...string[]] = ["text"],
): Record<string, unknown> {
  const [plain] = wanted;
  const type = contentType?.split(";")[0]?.trim().toLowerCase() ?? "";
  if (type === "application/json") return parseObject(body);
  if (type === "application/x-www-form-urlencoded") {
    const isField = (part: string) => wanted.some((name) => part.startsWith(`${name}=`));
    return body.split("&").some(isField)
      ? Object.fromEntries(new URLSearchParams(body))
      : { [plain]: body };
  }
  if (type === "" || type === "text/plain") return { [plain]: body };
  throw new Refusal(
    "bad_request",
    `cannot read ${type}; wanted application/json, a form with the field "${plain}", or text/plain`,
  );
}
