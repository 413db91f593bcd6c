import { LIMITS } from "../model/message.ts";
import { parseObject } from "../wire/json.ts";
import { Refusal } from "../model/refusal.ts";

/** The body as text. Throws a Refusal where it is longer than any we accept, or not UTF-8. */
export async function readBody(request: Request): Promise<string> {
  const utf8 = new TextDecoder("utf-8", { fatal: true });
  let text = "";
  let length = 0;
  try {
    for await (const chunk of request.body ?? []) {
      length += chunk.length;
      if (length > LIMITS.bytes) {
        throw new Refusal("too_long", `the body is too long; at most ${LIMITS.bytes} bytes`);
      }
      text += utf8.decode(chunk, { stream: true });
    }
    return text + utf8.decode();
  } catch (cause) {
    if (cause instanceof Refusal) throw cause;
    throw new Refusal("bad_request", "the body is not UTF-8", { cause });
  }
}

/**
 * The fields of a JSON object, or of a form that has the field `wanted`; any other text is that field,
 * as it was typed: `curl -d '1+1=2'` says that it sends a form, and means the text.
 */
export function readFields(
  body: string,
  contentType: string | null,
  wanted: "text" | "name" = "text",
): Record<string, unknown> {
  const type = contentType?.split(";")[0]?.trim().toLowerCase() ?? "";
  if (type === "application/json") return parseObject(body);
  if (type === "application/x-www-form-urlencoded") {
    const hasField = body.split("&").some((field) => field.startsWith(`${wanted}=`));
    return hasField ? Object.fromEntries(new URLSearchParams(body)) : { [wanted]: body };
  }
  if (type === "" || type === "text/plain") return { [wanted]: body };
  throw new Refusal(
    "bad_request",
    `cannot read ${type}; wanted application/json, a form with the field "${wanted}", or text/plain`,
  );
}
