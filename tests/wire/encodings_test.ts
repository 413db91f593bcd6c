import { assertEquals, assertStrictEquals, assertStringIncludes } from "@std/assert";
import { createEncodings } from "../../lib/wire/encodings.ts";
import type { Batch, RoomEvent } from "../../lib/model/events.ts";
import { encodeLines } from "../../lib/wire/lines.ts";
import { encodeFrame, encodeSse } from "../../lib/wire/json.ts";
import { batchOf, message } from "../support/fakes.ts";

const FORMS = ["frame", "ndjson", "sse", "lines", "textFrame"] as const;
const batch = batchOf(message(1, { text: "é" }), message(2));

Deno.test("each form is what its format says, with the ends its carrier wants", () => {
  const encode = createEncodings("k3x");
  const read = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  assertEquals(encode.frame(batch), encodeFrame(batch));
  assertEquals(read(encode.ndjson(batch)), encodeFrame(batch) + "\n");
  assertEquals(read(encode.sse(batch)), encodeSse(batch, "k3x"));
  assertEquals(read(encode.lines(batch)), encodeLines(batch).join("\r\n") + "\r\n");
  assertEquals(encode.textFrame(batch), encodeLines(batch).join("\n"));
});

Deno.test("what a terminal need not show is nothing at all", () => {
  const encode = createEncodings("k3x");
  const silent = batchOf({ type: "ping", last: 7 });
  assertEquals(encode.lines(silent).length, 0);
  assertEquals(encode.textFrame(silent), "");
});

Deno.test("however many ask, a batch is encoded once a format", () => {
  const encode = createEncodings("k3x");
  let reads = 0;
  const counted: Batch = {
    seq: batch.seq,
    get events(): readonly RoomEvent[] {
      reads++;
      return batch.events;
    },
  };
  const first = FORMS.map((form) => encode[form](counted));
  const readsOnce = reads;
  for (let reader = 0; reader < 100; reader++) {
    FORMS.forEach((form, i) => assertStrictEquals<unknown>(encode[form](counted), first[i]));
  }
  assertEquals(reads, readsOnce);
  assertEquals(reads, 3); // JSON, SSE, lines
});

Deno.test("what is joined is written as one batch, and its parts are not encoded again", () => {
  const encode = createEncodings("k3x");
  let reads = 0;
  const counted = (...events: RoomEvent[]): Batch => ({
    seq: 3,
    get events() {
      reads++;
      return events;
    },
  });
  const events = [message(1), { type: "ping", last: 1 } as const, message(2, { text: "é" })];
  const parts = events.map((event) => counted(event));
  for (const part of parts) FORMS.forEach((form) => encode[form](part));
  reads = 0;
  const joined = { events, seq: 3, parts };
  for (const form of FORMS) {
    assertEquals<unknown>(encode[form](joined), createEncodings("k3x")[form]({ events, seq: 3 }));
  }
  assertEquals(reads, 0);
});

Deno.test("links begin with where the room is for the reader; what has none is one for all", () => {
  const encode = createEncodings("k3x");
  const files = [{ id: "f", name: "a.txt", type: "text/plain", size: 1 }];
  const [plain, linked] = [batchOf(message(1)), batchOf(message(2, { text: "", files }))];
  const both: Batch = {
    events: [...plain.events, ...linked.events],
    seq: 2,
    parts: [plain, linked],
  };
  assertStrictEquals(encode.lines(plain, "http://a/"), encode.lines(plain, "http://b/"));
  for (const form of ["lines", "textFrame"] as const) {
    const read = (batch: Batch, base?: string) => {
      const made = encode[form](batch, base);
      return typeof made === "string" ? made : new TextDecoder().decode(made);
    };
    assertStringIncludes(read(linked), ", /files/f/a.txt]");
    for (const base of ["http://a/", "https://b/room/"]) {
      assertStrictEquals(encode[form](both, base), encode[form](both, base));
      assertStringIncludes(read(linked, base), `, ${base}files/f/a.txt]`);
      assertStringIncludes(read(both, base), `, ${base}files/f/a.txt]`);
      assertStringIncludes(read(both, base), read(plain));
    }
  }
});
