import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import fc from "fast-check";
import { BodyTimeout, readBody as read, readFields } from "../../lib/http/body.ts";
import { LIMITS } from "../../lib/model/message.ts";
import { Refusal } from "../../lib/model/refusal.ts";
import { ManualClock, settle } from "../support/manual_clock.ts";

const readBody = (request: Request) => read(request, { timeoutMs: 1000, clock: new ManualClock() });

/** A request whose body comes in these pieces. */
function request(pieces: readonly Uint8Array[], onCancel = () => {}): Request {
  const left = [...pieces];
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      const piece = left.shift();
      if (piece) controller.enqueue(piece);
      else controller.close();
    },
    cancel: onCancel,
  }, { highWaterMark: 0 });
  return new Request("http://localhost/", { method: "POST", body });
}

const utf8 = (text: string) => new TextEncoder().encode(text);

Deno.test("a body is the same text however it was cut", async () => {
  const text = fc.string({ unit: "grapheme" });
  await fc.assert(
    fc.asyncProperty(text, fc.array(fc.nat(20)), async (text, cuts) => {
      const bytes = utf8(text);
      const places = [0, ...cuts.map((cut) => Math.min(cut, bytes.length)).sort((a, b) => a - b)];
      const pieces = places.map((from, i) => bytes.subarray(from, places[i + 1]));
      assertEquals(await readBody(request(pieces.filter(({ length }) => length > 0))), text);
    }),
  );
});

Deno.test("a request without a body has an empty one", async () => {
  assertEquals(await readBody(new Request("http://localhost/", { method: "POST" })), "");
});

Deno.test("a body without end is read to the limit, and then given up", async () => {
  const piece = new Uint8Array(1024).fill(120);
  assertEquals((await readBody(request(Array(16).fill(piece)))).length, LIMITS.bytes);
  let given = "";
  const endless = request(Array(1000).fill(piece), () => given = "up");
  const { code, message } = await assertRejects(() => readBody(endless), Refusal);
  assertEquals([code, message], ["too_long", "the body is too long; at most 16384 bytes"]);
  assertEquals(given, "up");
});

Deno.test("a body that does not come in time is given up, whatever has come of it", async () => {
  for (const pieces of [[], ["half"]]) {
    const clock = new ManualClock();
    let given = "";
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => pieces.forEach((piece) => controller.enqueue(utf8(piece))),
      cancel: () => void (given = "up"),
    });
    const request = new Request("http://localhost/", { method: "POST", body });
    const reading = assertRejects(() => read(request, { timeoutMs: 10_000, clock }), BodyTimeout);
    await settle();
    clock.advance(9_999);
    await settle();
    assertEquals(given, "");
    clock.advance(1);
    const { message } = await reading;
    assertEquals(message, "the body did not come within 10 s; send it at once");
    assertEquals([given, clock.pending], ["up", 0]);
  }
});

Deno.test("a body that is not UTF-8 is refused, also where it breaks off", async () => {
  for (const bytes of [Uint8Array.of(0xff), utf8("漢").subarray(0, 2)]) {
    const { code, message } = await assertRejects(() => readBody(request([bytes])), Refusal);
    assertEquals([code, message], ["bad_request", "the body is not UTF-8"]);
  }
});

Deno.test("the fields are those of JSON or of a form, else the body is the text", () => {
  const cases: [string | null, string, Record<string, unknown>][] = [
    ["application/json", '{"text":"hi","id":"c-7f"}', { text: "hi", id: "c-7f" }],
    ["Application/JSON; charset=utf-8", '{"text":7}', { text: 7 }],
    ["application/x-www-form-urlencoded", "text=a+b%26c&name=ann", { text: "a b&c", name: "ann" }],
    ["application/x-www-form-urlencoded", "hello all", { text: "hello all" }],
    ["application/x-www-form-urlencoded", "1+1=2", { text: "1+1=2" }],
    ["application/x-www-form-urlencoded", "a=b&c=d", { text: "a=b&c=d" }],
    ["application/x-www-form-urlencoded", "text", { text: "text" }],
    ["application/x-www-form-urlencoded", "name=ann&text=", { name: "ann", text: "" }],
    ["application/x-www-form-urlencoded", "subtext=x", { text: "subtext=x" }],
    ["text/plain; charset=utf-8", "text=hi", { text: "text=hi" }],
    ["text/plain", '{"text":"hi"}', { text: '{"text":"hi"}' }],
    [null, "hi", { text: "hi" }],
  ];
  for (const [type, body, fields] of cases) assertEquals(readFields(body, type), fields);
  const form = (body: string) =>
    readFields(body, "application/x-www-form-urlencoded", ["name", "password"]);
  assertEquals(form("password=a+b"), { password: "a b" });
  assertEquals(form("ann"), { name: "ann" });
});

Deno.test("a body of another type is refused, as is JSON that is none", () => {
  const { message } = assertThrows(() => readFields("x", "multipart/form-data; b=1"), Refusal);
  assertEquals(
    message,
    "cannot read multipart/form-data; " +
      'wanted application/json, a form with the field "text", or text/plain',
  );
  for (const body of ["", "hi", "[]", "null"]) {
    assertEquals(
      assertThrows(() => readFields(body, "application/json"), Refusal).code,
      "bad_request",
    );
  }
});
