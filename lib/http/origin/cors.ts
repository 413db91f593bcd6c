/** For how long a browser need not ask again: as long as any keeps it. */
const MAX_AGE_S = 7200;
const ALLOWED_HEADERS =
  "Authorization, Content-Type, Idempotency-Key, Last-Event-ID, X-Partyline-Silent";
const EXPOSED_HEADERS = "Retry-After";

/**
 * The answer to a preflight (https://fetch.spec.whatwg.org/#cors-preflight-fetch) of a page that may
 * use what has these methods.
 */
export function preflight(methods: readonly string[]): Response {
  return new Response(null, {
    status: 204,
    headers: {
      "access-control-allow-methods": methods.join(", "),
      "access-control-allow-headers": ALLOWED_HEADERS,
      "access-control-max-age": String(MAX_AGE_S),
    },
  });
}

/**
 * Lets the page of an allowed origin read a response. Never with credentials: the cookie is for our
 * own page alone.
 */
export function share({ headers }: Response, origin: string): void {
  headers.set("access-control-allow-origin", origin);
  headers.set("access-control-expose-headers", EXPOSED_HEADERS);
}
