import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { SseDecoder } from "../../lib/wire/sse_decoder.ts";

Deno.test("any split of the bytes gives the same server-sent events", () => {
  const stream = new TextEncoder().encode(
    'retry: 2000\n\n: ping\n\nid: k3x-1\nevent: message\ndata: {"text":"é世"}\n\n' +
      "data:a\r\ndata: b\r\ndata\r\n\r\ndatum: x\n\ndata: unfinished",
  );
  fc.assert(fc.property(fc.array(fc.integer({ min: 1, max: 9 })), (cuts) => {
    const decoder = new SseDecoder(1000);
    const heard: unknown[] = [];
    for (let at = 0; at < stream.length;) {
      const length = cuts.shift() ?? 1000;
      heard.push(...decoder.push(stream.subarray(at, at + length)));
      at += length;
    }
    assertEquals(heard.filter((data) => data !== undefined), ['{"text":"é世"}', "a\nb\n"]);
    assert(heard.includes(undefined), "a comment is heard");
  }));
});
