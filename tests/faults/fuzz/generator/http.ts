import fc, { type Arbitrary } from "fast-check";
import { type Case, FRIEND, PLACEHOLDER } from "../case.ts";
import { ending } from "./ending.ts";
import { bytesOf, damaged, inPieces, join, mostly } from "./mix.ts";
import { ROUTES, type Wanted } from "./routes.ts";
import { anything, cursor, id, token } from "./words.ts";

const method = fc.constantFrom(
  "GET",
  "POST",
  "HEAD",
  "PUT",
  "DELETE",
  "OPTIONS",
  "TRACE",
  "CONNECT",
  "PATCH",
  "get",
  "toString",
  "constructor",
  "__proto__",
  "PRI",
  "G\tET",
  "",
  "X".repeat(300),
);

const path = fc.oneof(
  fc.constantFrom(
    "/../../etc/passwd",
    "/%2e%2e/%2e%2e/%2e%2e/etc/passwd",
    "/..%2f..%2f..%2fetc%2fpasswd",
    "/..\\..\\etc\\passwd",
    "/....//....//etc/passwd",
    "/static/../deno.json",
    "/.git/config",
    "/data/session.key",
    "/session.key",
    "/%00",
    "/%",
    "/%zz",
    "/%ff%fe",
    "/%ed%a0%80",
    "//",
    "//evil.example/x",
    "http://evil.example/",
    "http://localhost/livez",
    "http://",
    "*",
    "",
    "/api/messages/",
    "/API/MESSAGES",
    "/api//messages",
    "/api/./messages",
    "/api/x/../messages",
    "/chat/",
    "/chat",
    "/chat/api/presence",
    "/chat/chat/",
    "/chatter/",
    "/chat/../api/presence",
    "/api/messages;x=1",
    "/api/messages%3Fafter=1",
    "/api/messages#x",
    "/constructor",
    "/__proto__",
    "/toString",
    "/app.js.map",
    "/app.js/../app.js",
    "/ws",
    "/ws/text",
    "/echo",
    "/favicon.ico",
    `/${"a".repeat(9000)}`,
    `/?${"&".repeat(3000)}`,
    `/?${"a=1&".repeat(2000)}`,
    "/\u{1f389}",
  ),
  anything.map((word) => `/${word}`),
  anything.map((word) => `/${encode(word)}`),
);

const host = mostly(
  fc.constantFrom("localhost", "127.0.0.1", "127.0.0.1:8080", "[::1]", "chat.example"),
  fc.oneof(
    anything,
    fc.constantFrom(
      "evil.example",
      "localhost:99999",
      "localhost:abc",
      "[::1",
      "[::g]",
      "user@localhost",
      "localhost/x",
      "localhost, evil.example",
      "local host",
      "0x7f.1",
      "127.1",
      "1.2.3.4.5",
      "localhost.",
      "LOCALHOST",
      "a".repeat(300),
      ".localhost",
      "evil.example#.localhost",
    ),
  ),
  12,
);

const credentials = fc.oneof(
  token.map((token) => `Bearer ${token}`),
  fc.constant(`Basic ${PLACEHOLDER.basic}`),
  anything.map((word) => `Basic ${bytesOf(word).toBase64()}`),
);

/** Headers that a route, or what stands before it, looks at. */
const header: Arbitrary<readonly [string, string]> = fc.oneof(
  token.map((token) => ["Authorization", `Bearer ${token}`] as const),
  credentials.map((credentials) => ["Authorization", credentials] as const),
  anything.map((word) => ["Authorization", word] as const),
  token.map((token) => ["Cookie", `partyline=${token}`] as const),
  anything.map((word) => ["Cookie", word] as const),
  fc.tuple(token, anything).map(([token, word]) =>
    ["Cookie", `${word}; partyline=${token}; partyline=${word}`] as const
  ),
  id.map((id) => ["Idempotency-Key", id] as const),
  cursor.map((cursor) => ["Last-Event-ID", cursor] as const),
  fc.oneof(
    fc.constantFrom(
      "http://localhost",
      FRIEND,
      `${FRIEND}.evil.example`,
      `${FRIEND}:1`,
      "null",
      "https://evil.example",
      "http://localhost:1",
    ),
    anything,
  )
    .map((origin) => ["Origin", origin] as const),
  fc.constantFrom("same-origin", "cross-site", "none").map((site) =>
    ["Sec-Fetch-Site", site] as const
  ),
  fc.oneof(
    fc.constantFrom(
      "1.2.3.4",
      "1.2.3.4, 5.6.7.8",
      "::1",
      "[::1]:80",
      "127.0.0.1",
      "fe80::1%eth0",
      ",,,",
      "1.2.3.4:x",
    ),
    anything,
  ).map((address) => ["X-Forwarded-For", address] as const),
  fc.constantFrom("https", "http", "javascript").map((scheme) =>
    ["X-Forwarded-Proto", scheme] as const
  ),
  fc.oneof(fc.constantFrom("chat.example", "evil.example", "a, b", "localhost:99999"), anything)
    .map((host) => ["X-Forwarded-Host", host] as const),
  fc.oneof(
    fc.constantFrom("/chat", "/chat/", "//evil.example/", "/a;b", "/a/../b", "chat"),
    anything,
  )
    .map((prefix) => ["X-Forwarded-Prefix", prefix] as const),
  anything.map((word) => ["Forwarded", `for=${word};proto=https;host=${word}`] as const),
  fc.constantFrom("text/html", "application/json", "*/*;q=x", ",".repeat(500)).map((type) =>
    ["Accept", type] as const
  ),
  fc.oneof(fc.constantFrom("de", "fr;q=0.1, *;q=0", "de;q=x", "-", "x-".repeat(500)), anything)
    .map((language) => ["Accept-Language", language] as const),
  fc.constantFrom("br", "gzip;q=0", "identity;q=0, *;q=0", "x".repeat(200)).map((coding) =>
    ["Accept-Encoding", coding] as const
  ),
  fc.constantFrom("*", 'W/"x"', '"', "x", '"a", "b"').map((tag) => ["If-None-Match", tag] as const),
  fc.constantFrom("bytes=0-", "bytes=-1", "bytes=9-1", "x").map((range) =>
    ["Range", range] as const
  ),
  fc.constantFrom("100-continue", "x").map((what) => ["Expect", what] as const),
  fc.constantFrom("close", "keep-alive", "Upgrade, HTTP2-Settings", "x".repeat(99)).map((what) =>
    ["Connection", what] as const
  ),
  fc.constantFrom("h2c", "websocket", "x").map((what) => ["Upgrade", what] as const),
  fc.constantFrom("GET", "POST", "x").map((what) =>
    ["Access-Control-Request-Method", what] as const
  ),
  fc.tuple(anything, anything),
);

/** How the length of a body is said, and what then comes: as RFC 9112, section 6, wants it, and not. */
type Framing = (body: Uint8Array) => { readonly head: string; readonly bytes: Uint8Array };

const sized: Framing = (bytes) => ({ head: `Content-Length: ${bytes.length}\r\n`, bytes });
const chunked: Framing = (bytes) => ({
  head: "Transfer-Encoding: chunked\r\n",
  bytes: chunks(bytes),
});

const framing: Arbitrary<Framing> = mostly(
  fc.constantFrom(sized, sized, chunked),
  fc.oneof(
    fc.constantFrom<(length: number) => string>(
      (n) => `${n + 1}`,
      (n) => `${n - 1}`,
      () => "-1",
      (n) => `+${n}`,
      (n) => `0x${n}`,
      (n) => `${n}, ${n}`,
      (n) => `${n}\r\nContent-Length: ${n + 1}`,
      () => "99999999999999999999",
      () => "18446744073709551615",
      () => "",
      (n) => `${n} `,
      (n) => `00000${n}`,
      () => "١",
    ).map((said): Framing => (bytes) => ({
      head: `Content-Length: ${said(bytes.length)}\r\n`,
      bytes,
    })),
    fc.constantFrom(
      "chunked, chunked",
      "gzip, chunked",
      "xchunked",
      "chunked, identity",
      "\tchunked",
      "Chunked",
      "chunked;x",
      "chunked\r\nContent-Length: 3",
      "chunked\r\nTransfer-Encoding: identity",
      "",
    ).map((coding): Framing => (bytes) => {
      return { head: `Transfer-Encoding: ${coding}\r\n`, bytes: chunks(bytes) };
    }),
    fc.constantFrom(
      "zz\r\nx\r\n",
      "FFFFFFFFFFFFFFFF\r\nx",
      "-1\r\nx\r\n",
      '5;x="\r\n"\r\nhello\r\n0\r\n\r\n',
      "5\nhello\n0\n\n",
      "5\r\nhello",
      "0\r\nX-Injected: yes\r\n\r\n",
      `1;${"x".repeat(20_000)}\r\na\r\n0\r\n\r\n`,
      "1\r\na\r\n".repeat(3000),
    ).map((sent): Framing => () => ({
      head: "Transfer-Encoding: chunked\r\n",
      bytes: bytesOf(sent),
    })),
    fc.constant<Framing>((bytes) => ({ head: "", bytes })),
  ),
  8,
);

function chunks(bytes: Uint8Array): Uint8Array {
  const parts: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += 1000) {
    const part = bytes.subarray(at, at + 1000);
    parts.push(bytesOf(`${part.length.toString(16)}\r\n`), part, bytesOf("\r\n"));
  }
  return join([...parts, bytesOf("0\r\n\r\n")]);
}

const version = mostly(
  fc.constant("HTTP/1.1"),
  fc.constantFrom("HTTP/1.0", "HTTP/2.0", "HTTP/9.9", "HTTP/1.1 ", "http/1.1", "", "HTTP/1.1\r\n"),
  20,
);

/** One request as bytes. */
function request(wanted: Arbitrary<Wanted>): Arbitrary<Uint8Array> {
  return fc.record({
    wanted,
    method: mostly(fc.constant(undefined), method, 15),
    path: mostly(fc.constant(undefined), path, 10),
    version,
    host,
    credentials: mostly(fc.constant(null), credentials, 2),
    headers: mostly(fc.array(header, { maxLength: 1 }), fc.array(header, { maxLength: 8 })),
    framing,
  }).map(({ wanted, framing, credentials, ...other }) => {
    const { head, bytes } = wanted.body
      ? framing(wanted.body)
      : { head: "", bytes: new Uint8Array() };
    const query = wanted.query.map((pair) => pair.map(encode).join("=")).join("&");
    const target = (other.path ?? wanted.path) + (query === "" ? "" : `?${query}`);
    const shown = credentials === null ? [] : [["Authorization", credentials]];
    const lines = [...wanted.headers, ...shown, ...other.headers].map((pair) => pair.join(": "));
    const text = [
      `${other.method ?? wanted.method} ${target} ${other.version}`,
      `Host: ${other.host}`,
      ...lines,
    ];
    return join([bytesOf(`${text.join("\r\n")}\r\n${head}\r\n`), bytes]);
  });
}

/** Now and then no escape at all, where the word has no need of it. */
function encode(word: string): string {
  return encodeURIComponent(word.toWellFormed());
}

/** One connection with a request, or some, one behind the other. */
export const httpCase: Arbitrary<Case> = fc.oneof(
  ...Object.entries(ROUTES).map(([route, wanted]) => {
    const requests = mostly(
      request(wanted).map((bytes) => [bytes]),
      fc.array(request(fc.oneof(...Object.values(ROUTES))), { minLength: 2, maxLength: 4 }),
      6,
    );
    const arbitrary = fc.record({
      door: fc.constant("http" as const),
      what: fc.constant(route),
      steps: inPieces(damaged(requests.map(join))),
      ending,
    });
    // What changes something is tried more often than what only shows it.
    return {
      weight: /^(POST|PATCH|PUT) /.test(route) && route !== "POST /api/sessions" ? 4 : 1,
      arbitrary,
    };
  }),
);
