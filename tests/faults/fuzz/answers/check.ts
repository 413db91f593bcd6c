// What no answer may be, whatever was asked.

import { Buffer } from "node:buffer";
import { assert } from "@std/assert";
import { Ajv2020 } from "ajv";
import schema from "../../../../lib/wire/events.schema.json" with { type: "json" };
import { STATUS } from "../../../../lib/model/refusal.ts";
import { type Case, FRIEND } from "../case.ts";
import { afterHead, type Answer, parseAnswers } from "./http.ts";

/** Counts what was seen, so that it shows whether the cases come past the first check. */
export type Reached = (what: string) => void;

/** Throws an AssertionError that says what is wrong with what came back. */
export function checkAnswers(
  { door, what, ending }: Case,
  bytes: Uint8Array,
  reached: Reached,
): void {
  if (ending === "reset") return; // nothing was read
  if (door.startsWith("bare")) return checkInside(Buffer.from(bytes).toString("latin1"));
  if (door === "tcp") return checkLines(bytes, reached);
  const answers = parseAnswers(bytes);
  if (answers.length === 0) {
    assert(
      bytes.length === 0 || bytes.length < 8 ||
        Buffer.from(bytes).toString("latin1", 0, 5) === "HTTP/",
    );
  }
  for (const answer of answers) {
    reached(`${door === "http" ? what : door} ${answer.status}`);
    reached(`status ${answer.status}`);
    checkAnswer(answer, reached);
  }
  if (answers[0]?.status === 101) checkFrames(door, afterHead(bytes), reached);
}

const ajv = new Ajv2020();
const isEvent = ajv.compile(schema);
const CODES: readonly string[] = Object.keys(STATUS);

/** What tells of the inside: a stack, a path, the name of an exception, a file from elsewhere. */
const INSIDE =
  /\bat \S+ \(|file:\/\/|\.ts:\d+|node:sqlite|SQLITE_|SQLite|(?:Type|Range|Reference|Syntax|Assertion)Error|\binternal\b|something went wrong|root:x:0|"compilerOptions"/;

function checkInside(text: string): void {
  const found = INSIDE.exec(text);
  if (found) {
    const at = text.slice(Math.max(0, found.index - 100), found.index + 200);
    throw new Error(`an answer tells of the inside: ${JSON.stringify(at)}`);
  }
}

/** Every header that an answer may have; what a request smuggled in would be another. */
const HEADERS = new Set([
  "accept-ranges",
  "access-control-allow-headers",
  "access-control-allow-methods",
  "access-control-allow-origin",
  "access-control-expose-headers",
  "access-control-max-age",
  "allow",
  "cache-control",
  "connection",
  "content-encoding",
  "content-language",
  "content-length",
  "content-range",
  "content-security-policy",
  "content-type",
  "cross-origin-opener-policy",
  "cross-origin-resource-policy",
  "date",
  "etag",
  "last-modified",
  "location",
  "permissions-policy",
  "referrer-policy",
  "retry-after",
  "sec-websocket-accept",
  "sec-websocket-protocol",
  "sec-websocket-version",
  "set-cookie",
  "transfer-encoding",
  "upgrade",
  "vary",
  "x-accel-buffering",
  "x-content-type-options",
]);

function checkAnswer({ status, headers, body, whole }: Answer, reached: Reached): void {
  for (const name of headers.keys()) assert(HEADERS.has(name), `an answer has the header ${name}`);
  const shared = headers.get("access-control-allow-origin");
  assert(shared === undefined || shared === FRIEND, `an answer is for the pages of ${shared}`);
  assert(status < 500 || status === 503, `an answer is ${status}`);
  const type = headers.get("content-type") ?? "";
  if (headers.has("content-encoding")) return;
  const text = Buffer.from(body).toString();
  if (type.startsWith("application/json") && whole && body.length > 0) {
    const { error } = JSON.parse(text);
    if (status >= 400) {
      assert(CODES.includes(error.code), `a ${status} without a code of the table: ${text}`);
      assert(error.message.length > 0, `a ${status} without words`);
      reached(`code ${error.code}`);
    }
    if (error) checkInside(text);
  }
  if (type.startsWith("text/event-stream")) checkEventStream(text, reached);
  if (type.startsWith("application/x-ndjson")) {
    for (const line of complete(text, "\n")) checkEvent(line, reached);
  }
}

function checkEventStream(text: string, reached: Reached): void {
  for (const block of complete(text, "\n\n")) {
    for (const line of block.split("\n")) {
      assert(
        /^(?:id: [a-z0-9]+-\d+|event: [a-z]+|data: \{.*\}|retry: \d+|: ?.*)$/.test(line),
        line,
      );
      if (line.startsWith("data: ")) checkEvent(line.slice(6), reached);
    }
  }
}

/** What was said by somebody may look like anything; the rest tells nothing of the inside. */
function checkEvent(json: string, reached: Reached): void {
  const event = JSON.parse(json);
  const fits: boolean = isEvent(event);
  assert(
    fits,
    `not by the schema: ${json.slice(0, 500)}: ${ajv.errorsText(isEvent.errors)}`,
  );
  reached(`event ${event.type}`);
  if (event.type === "error") {
    reached(`code ${event.code}`);
    assert(event.code !== "internal", json);
    checkInside(event.message);
  }
}

// deno-lint-ignore no-control-regex
const CONTROL = /[\x00-\x08\x0a-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]/;
const LINE = /^(?:\* |! |# |\[\d\d:\d\d\] #\d+ | +\| )/;

/** A line of the line protocol: as it is told apart, and without what steers a terminal. */
function checkLine(line: string, reached: Reached): void {
  if (line.startsWith("{")) return checkEvent(line, reached);
  assert(LINE.test(line), `this is no line of the server's: ${JSON.stringify(line)}`);
  assert(!CONTROL.test(line), `a line with a control character: ${JSON.stringify(line)}`);
  reached(`line ${line[0]}`);
  if (line.startsWith("! ")) checkInside(line);
}

function checkLines(bytes: Uint8Array, reached: Reached): void {
  const text = new TextDecoder("utf-8", { fatal: false }).decode(bytes);
  for (const line of complete(text, "\n")) checkLine(line.replace(/\r$/, ""), reached);
}

/** A server's frames (RFC 6455, section 5): whole, unmasked, no reserved bit, what it says readable. */
function checkFrames(door: Case["door"], bytes: Uint8Array, reached: Reached): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  for (let at = 0; at + 2 <= bytes.length;) {
    const [first, second] = [view.getUint8(at), view.getUint8(at + 1)];
    assert((first & 0xf0) === 0x80, `a frame that begins with ${first}`);
    assert(second < 128, "a masked frame from the server");
    const opcode = first & 0xf;
    const head = second === 127 ? 10 : second === 126 ? 4 : 2;
    if (at + head > bytes.length) return;
    const length = second === 127
      ? Number(view.getBigUint64(at + 2))
      : second === 126
      ? view.getUint16(at + 2)
      : second;
    const payload = bytes.subarray(at + head, at + head + length);
    if (payload.length < length) return;
    at += head + length;
    if (opcode === 8) {
      const code = length >= 2 ? payload[0]! << 8 | payload[1]! : 1005;
      reached(`${door} close ${code}`);
      // A code that the client sent comes back to it, without its reason.
      assert(code !== 1011 || length === 2, "a close with 1011");
      assert(at === bytes.length, "more after the close frame");
    } else if (opcode === 1) {
      const text = new TextDecoder("utf-8", { fatal: true }).decode(payload);
      if (door === "/ws") { for (const line of text.split("\n")) checkEvent(line, reached); }
      if (door === "/ws/text") { for (const line of text.split("\n")) checkLine(line, reached); }
      if (door === "/echo") reached("echoed");
    } else assert(opcode === 2 || opcode === 9 || opcode === 10, `a frame of opcode ${opcode}`);
  }
}

/** What was ended by `end`; the last may have been cut short. */
function complete(text: string, end: string): string[] {
  return text.split(end).slice(0, -1);
}
