import { type Refusal, STATUS } from "../model/refusal.ts";

/** What is no page runs nothing, whatever is in it. */
export const INERT: Readonly<Record<string, string>> = {
  "content-security-policy": "default-src 'none'; sandbox",
  "x-content-type-options": "nosniff",
};

/** JSON that nobody keeps a copy of. */
export function json(value: unknown, init: { status?: number; headers?: HeadersInit } = {}) {
  const headers = new Headers(init.headers);
  headers.set("content-type", "application/json; charset=utf-8");
  headers.set("cache-control", "no-store");
  return new Response(JSON.stringify(value) + "\n", { status: init.status ?? 200, headers });
}

export function text(body: string, status = 200): Response {
  return new Response(body + "\n", {
    status,
    headers: { "content-type": "text/plain; charset=utf-8", "cache-control": "no-store" },
  });
}

/** A refusal as HTTP says it. */
export function refusalResponse(refusal: Refusal, status?: number): Response {
  const { code, message, retryAfter, measure } = refusal;
  status ??= refusal.httpStatus ?? STATUS[code];
  return json({ error: { code, message, ...(measure && { measure }) } }, {
    status,
    headers: {
      ...INERT,
      ...(retryAfter !== undefined && { "retry-after": String(retryAfter) }),
    },
  });
}
