import { assert, assertEquals } from "@std/assert";
import { StreamWriter } from "../../../lib/transports/pump/stream_writer.ts";

const utf8 = (text: string) => new TextEncoder().encode(text);
const text = (chunk: Uint8Array | undefined) => chunk && new TextDecoder().decode(chunk);

Deno.test("a chunk is written when the one before it has been taken", async () => {
  const writer = new StreamWriter("retry: 1\n\n", () => {});
  const reader = writer.body.getReader();
  assertEquals(text((await reader.read()).value), "retry: 1\n\n");
  const ready: string[] = [];
  const one = Promise.resolve(writer.write(utf8("one"))).then((more) => ready.push(`one ${more}`));
  assert(writer.taken() !== undefined, "it waits to be taken");
  assertEquals(text((await reader.read()).value), "one");
  assertEquals(ready, [], "handed over, but nobody asks for more");
  const next = reader.read();
  await one;
  assertEquals([ready, writer.taken()], [["one true"], undefined]);
  writer.write(utf8("two"));
  assertEquals(text((await next).value), "two");
  writer.end();
  assert((await reader.read()).done);
});

Deno.test("each chunk that is taken is progress", async () => {
  const writer = new StreamWriter("", () => {});
  const reader = writer.body.getReader();
  const seen = new Set<number | undefined>();
  let asked = reader.read();
  for (let i = 0; i < 3; i++) {
    const written = writer.write(utf8(`${i}`));
    seen.add(writer.taken());
    await asked;
    asked = reader.read();
    assertEquals(await written, true);
  }
  assertEquals([seen.size, seen.has(undefined)], [3, false]);
  writer.end();
  assert((await asked).done);
});

Deno.test("a client that goes is told of once, and whoever waits to write is let go", async () => {
  let gone = 0;
  const writer = new StreamWriter("", () => gone++);
  const reader = writer.body.getReader();
  const asked = reader.read();
  writer.write(utf8("one"));
  await asked;
  const written = writer.write(utf8("two"));
  await reader.cancel();
  assertEquals([await written, writer.write(utf8("three")), gone], [false, false, 1]);
  writer.end();
});

Deno.test("ending lets what was written be read, and twice is once", async () => {
  const writer = new StreamWriter("", () => {});
  const written = writer.write(utf8("last"));
  writer.end();
  writer.end();
  assertEquals(await written, false);
  assertEquals(await new Response(writer.body).text(), "last");
});
