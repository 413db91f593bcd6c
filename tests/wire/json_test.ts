import { errorEvent } from "../../lib/model/events.ts";
import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import type { RoomEvent } from "../../lib/model/events.ts";
import { encodeFrame, encodeSse, parseFrame, parseObject } from "../../lib/wire/json.ts";
import { Refusal } from "../../lib/model/refusal.ts";
import { batchOf, message } from "../support/fakes.ts";

const hi: RoomEvent = {
  type: "message",
  seq: 42,
  at: 1795215600000,
  id: "c-7f",
  from: "ann",
  text: "hi",
};

Deno.test("events are written as the protocol shows them", () => {
  const frames: [RoomEvent, string][] = [
    [
      hi,
      '{"type":"message","seq":42,"at":1795215600000,"id":"c-7f","from":"ann","text":"hi"}',
    ],
    [
      message(43, { from: "bob", text: 'a\n"b"\u2028\\' }),
      '{"type":"message","seq":43,"at":1795215600000,"from":"bob","text":"a\\n\\"b\\"\u2028\\\\"}',
    ],
    [{ type: "join", name: "bob", count: 4 }, '{"type":"join","name":"bob","count":4}'],
    [{ type: "live", seq: 46 }, '{"type":"live","seq":46}'],
    [
      { type: "ack", id: "c-7f", seq: 42, duplicate: false },
      '{"type":"ack","id":"c-7f","seq":42,"duplicate":false}',
    ],
  ];
  for (const [event, frame] of frames) assertEquals(encodeFrame(batchOf(event)), frame);
});

Deno.test("a frame holds the events of a batch, one a line", () => {
  assertEquals(
    encodeFrame(batchOf({ type: "live", seq: 1 }, { type: "ping", last: 1 })),
    '{"type":"live","seq":1}\n{"type":"ping","last":1}',
  );
});

Deno.test("an entry has its cursor as the id of its server-sent event, nothing else has one", () => {
  const bye: RoomEvent = { type: "bye", reconnect_ms: 3200 };
  assertEquals(
    encodeSse(batchOf(hi, { type: "live", seq: 42 }, { type: "ping", last: 42 }, bye), "k3x"),
    "id: k3x-42\nevent: message\n" +
      'data: {"type":"message","seq":42,"at":1795215600000,"id":"c-7f","from":"ann","text":"hi"}\n\n' +
      'event: live\ndata: {"type":"live","seq":42}\n\n' +
      ": ping\n\n" +
      'retry: 3200\nevent: bye\ndata: {"type":"bye","reconnect_ms":3200}\n\n',
  );
});

Deno.test("no text forges a line: what was written is what is read, in either format", () => {
  const unit = fc.oneof(
    fc.constantFrom(...'\n\r\u2028\u2029{}:"\\', "data: ", "\n\n", "\ud83d"),
    fc.string({ unit: "grapheme", minLength: 1, maxLength: 1 }),
  );
  const texts = fc.array(fc.tuple(fc.string({ unit }), fc.string({ unit })), { minLength: 1 });
  fc.assert(fc.property(texts, (texts) => {
    const events = texts.map(([from, text], i) => message(i + 1, { from, text }));
    const frame = encodeFrame(batchOf(...events));
    assertEquals(frame.split("\n").map((line) => JSON.parse(line)), events);
    const blocks = encodeSse(batchOf(...events), "k").split("\n\n");
    assertEquals(blocks.pop(), "");
    const read = blocks.map((block) => {
      const [id, type, data, ...more] = block.split(/\r\n|\r|\n/);
      assertEquals([id!.startsWith("id: k-"), type, more], [true, "event: message", []]);
      return JSON.parse(data!.slice("data: ".length));
    });
    assertEquals(read, events);
  }));
});

Deno.test("a frame is a JSON object, or else the text of a message", () => {
  const fieldsOf = (frame: string) => {
    const parsed = parseFrame(frame);
    assert(parsed.type === "draft");
    return parsed.fields;
  };
  for (const text of ["hi", ' {"type":"typing"}', "", '["hi"]']) {
    assertEquals(fieldsOf(text), { text });
  }
  assertEquals(
    fieldsOf('{"type":"message","id":"c-7f","text":"hi","re":42,"files":["f"],"colour":"red"}'),
    { type: "message", text: "hi", id: "c-7f", re: 42, files: ["f"] },
  );
  assertEquals(
    fieldsOf('{"type":"edit","id":"c-80","ref":42,"text":"hi!","colour":"red"}'),
    { type: "edit", id: "c-80", ref: 42, text: "hi!" },
  );
  assertEquals(
    fieldsOf('{"type":"delete","id":"c-81","ref":42,"text":"hi!"}'),
    { type: "delete", id: "c-81", ref: 42 },
  );
  assertEquals(
    fieldsOf('{"type":"reaction","ref":42,"emoji":"👍","on":true}'),
    { type: "reaction", id: undefined, ref: 42, emoji: "👍", on: true },
  );
  assertEquals(parseFrame('{"type":"rename","name":"rob"}'), { type: "rename", name: "rob" });
  assertEquals(parseFrame('{"type":"typing"}'), { type: "typing" });
  assertEquals(parseFrame('{"type":"pong"}'), { type: "other" });
  assertEquals(parseFrame('{"type":"poll","of":42}'), { type: "other" });
});

Deno.test("a frame that starts as an object and is none is refused by name", () => {
  const cases: [string, string][] = [
    ["{", "this is not valid JSON; wanted one object"],
    ['{"type":"typing"}{}', "this is not valid JSON; wanted one object"],
    ["{}", '"type" must be a string'],
    ['{"type":7}', '"type" must be a string'],
  ];
  for (const [frame, message] of cases) {
    const refusal = assertThrows(() => parseFrame(frame), Refusal);
    assertEquals([refusal.code, refusal.message], ["bad_request", message]);
  }
  for (const json of ["[]", "null", '"hi"', "7"]) {
    const refusal = assertThrows(() => parseObject(json), Refusal);
    assertEquals(refusal.message, "this is not a JSON object; wanted {…}");
  }
});

Deno.test("whatever a frame is, it is parsed or refused", () => {
  const frame = fc.oneof(fc.string(), fc.json(), fc.string().map((text) => `{${text}`));
  fc.assert(fc.property(frame, (frame) => {
    try {
      parseFrame(frame);
    } catch (error) {
      assertEquals(error instanceof Refusal, true);
    }
  }));
});

Deno.test("an error names the frame it answers, and says nothing internal", () => {
  const limited = new Refusal("rate_limited", "rate limited, try again in 2 s", { retryAfter: 2 });
  assertEquals(
    encodeFrame(batchOf(errorEvent(limited, "c-7f"))),
    '{"type":"error","id":"c-7f","code":"rate_limited",' +
      '"message":"rate limited, try again in 2 s","retry_after":2}',
  );
  const internal = {
    type: "error",
    code: "internal",
    message: "something went wrong on the server",
  };
  for (const id of [undefined, 7, "x".repeat(65)]) {
    assertEquals(errorEvent(Refusal.from(new Error("/etc/secret")), id), internal as RoomEvent);
  }
});
