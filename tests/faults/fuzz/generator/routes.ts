// The happy path of every route, field by field, each field now and then as it should not be.

import fc, { type Arbitrary } from "fast-check";
import { object } from "./json.ts";
import { bytesOf, mostly } from "./mix.ts";
import { anything, cursor, emoji, id, name, number, password, ref, text } from "./words.ts";

/** A request before it is put into bytes. */
export interface Wanted {
  readonly method: string;
  readonly path: string;
  readonly query: readonly (readonly [string, string])[];
  readonly headers: readonly (readonly [string, string])[];
  readonly body: Uint8Array | undefined;
}

type Fields = Readonly<Record<string, Arbitrary<string>>>;

interface Body {
  readonly type: string;
  readonly bytes: Uint8Array;
}

const messageFields = { text, id, name };
const answerFields = { text, id, re: ref };
const editFields = { text, id };
const item = ref.map((ref) => `/api/messages/${encoded(ref)}`);
const reaction = fc.tuple(item, emoji).map(([item, emoji]) =>
  `${item}/reactions/${encoded(emoji)}`
);
const sessionFields = { name, password };
const keyed = mostly(
  fc.constant<Wanted["headers"]>([]),
  id.map((id) => [["Idempotency-Key", id] as const]),
  2,
);

/** By path, as PROTOCOL.md has them. */
export const ROUTES: Readonly<Record<string, Arbitrary<Wanted>>> = {
  "GET /": get("/"),
  "GET /events": get("/events", { since: cursor, name, recent: number(0, 5, 500) }),
  "GET /stream": get("/stream", { since: cursor, name, recent: number(0, 5, 500) }),
  "GET /poll": get("/poll", { since: cursor, wait: number(0, 1), recent: number(0, 5) }),
  "GET /api/messages": fc.oneof(
    get("/api/messages", { before: cursor, limit: number(1, 200) }),
    get("/api/messages", { after: cursor, limit: number(1, 200) }),
    get("/api/messages", { around: cursor, limit: number(1, 200) }),
  ),
  "GET /api/people": get("/api/people", {
    q: mostly(fc.constantFrom("a", "gue", "ünï"), anything, 2),
    limit: number(1, 50, 200),
  }),
  "GET /api/search": get("/api/search", {
    q: mostly(fc.constantFrom("hi", "two lines", "wa", "ünï", "🎉", "1+1=2"), anything, 2),
    before: cursor,
    limit: number(1, 50, 200),
  }),
  "GET /api/presence": get("/api/presence"),
  "GET /ping": get("/ping"),
  "GET /metrics": get("/metrics"),
  "GET /livez": get("/livez"),
  "GET /readyz": get("/readyz"),
  "GET /api/sessions": get("/api/sessions"),
  "POST /api/sessions": ask("POST", fc.constant("/api/sessions")),
  "DELETE /api/sessions": ask(
    "DELETE",
    fc.oneof(fc.constant(""), fc.constantFrom("/x", "/", "/*"), anything.map((word) => `/${word}`))
      .map((item) => `/api/sessions${item}`),
  ),
  "CHANGE /api/messages/*": fc.oneof(
    ask("GET", item),
    ask("DELETE", item),
    ask("PUT", reaction),
    ask("DELETE", reaction),
    fc.tuple(item, postTo("", bodyOf(editFields, "text"), "PATCH"))
      .map(([path, wanted]) => ({ ...wanted, path })),
  ),
  "POST /api/messages": postTo(
    "/api/messages",
    fc.oneof(bodyOf(messageFields, "text"), bodyOf(answerFields, "text")),
  ),
  "POST /api/session": postTo("/api/session", bodyOf(sessionFields, "name")),
};

function get(path: string, fields: Fields = {}): Arbitrary<Wanted> {
  return queryOf(fields).map((query) => {
    return { method: "GET", path, query, headers: [], body: undefined };
  });
}

function ask(method: string, path: Arbitrary<string>): Arbitrary<Wanted> {
  return fc.tuple(path, keyed).map(([path, headers]) => {
    return { method, path, query: [], headers, body: undefined };
  });
}

/** As a segment of a path. */
function encoded(word: string): string {
  return encodeURIComponent(word.toWellFormed());
}

function postTo(path: string, body: Arbitrary<Body>, method = "POST"): Arbitrary<Wanted> {
  const query = mostly(fc.constant<Wanted["query"]>([]), queryOf({ name, text }));
  return fc.tuple(body, query, keyed).map(([{ type, bytes }, query, key]) => {
    const headers = [...(type === "" ? [] : [["Content-Type", type] as const]), ...key];
    return { method, path, query, headers, body: bytes };
  });
}

/** Each field once, or not, or again, and others. */
function queryOf(fields: Fields): Arbitrary<readonly (readonly [string, string])[]> {
  const one = Object.entries(fields).map(([key, value]) =>
    value.map((value) => [key, value] as const)
  );
  const plain = fc.tuple(...one.map((pair) => fc.option(pair, { freq: 2 })))
    .map((pairs) => pairs.filter((pair) => pair !== null));
  const odd = fc.array(fc.oneof(...one, fc.tuple(anything, anything)), { maxLength: 6 });
  return mostly(plain, odd, 6);
}

function bodyOf(fields: Fields, main: "text" | "name"): Arbitrary<Body> {
  const json = object(fields).map((value) => ({ type: "application/json", bytes: bytesOf(value) }));
  const form = fc.record(fields, { requiredKeys: [main] }).map((value) => ({
    type: "application/x-www-form-urlencoded",
    bytes: bytesOf(new URLSearchParams(value as Record<string, string>).toString()),
  }));
  const plain = fields[main]!.map((value) => ({ type: "text/plain", bytes: bytesOf(value) }));
  const odd = fc.record({
    type: fc.constantFrom(
      "",
      "application/json; charset=utf-16",
      "APPLICATION/JSON",
      "application/json, text/plain",
      "multipart/form-data; boundary=x",
      "application/octet-stream",
      "application/x-www-form-urlencoded",
      "text/html",
      ";",
      "x".repeat(5000),
    ),
    bytes: fc.oneof(
      fc.uint8Array({ maxLength: 300 }),
      fc.constantFrom(0, 16_384, 16_385, 20_000).map((length) => new Uint8Array(length).fill(0x61)),
      fc.constantFrom(
        "text",
        "text=",
        "=&=&=",
        "text=%",
        "text=%ff",
        "a=1&text=%ed%a0%80",
        "__proto__=1",
      )
        .map(bytesOf),
    ),
  });
  return mostly(fc.oneof(json, json, form, plain), odd, 6);
}
