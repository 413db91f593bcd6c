import { assertEquals } from "@std/assert";
import { MARK, TEXT_BYTES, textOf } from "./generator/text.ts";
import { TextReader } from "./generator/text_reader.ts";
import { clientFrame, FrameWalker, OPCODE } from "./generator/websocket_frames.ts";

const encoder = new TextEncoder();

/** A server's frame: not masked. `form` is the width of its length in bytes. */
function frame(payload: string, { opcode = 1, final = true, form = 2 } = {}): number[] {
  const bytes = encoder.encode(payload);
  const short = form === 0 ? bytes.length : form === 2 ? 126 : 127;
  const length = Array.from(
    { length: form },
    (_, i) => Math.floor(bytes.length / 256 ** (form - 1 - i)) & 255,
  );
  return [(final ? 0x80 : 0) | opcode, short, ...length, ...bytes];
}

function line(number: number): string {
  const notice = number % 3 === 0 ? `\n{"type":"presence","count":${number}}` : "";
  const text = textOf(number % 4, number * 1000);
  return `{"type":"message","seq":${10 ** (number % 5)},"text":"${text}"}${notice}`;
}

function stream(): { bytes: number[]; stamps: number[] } {
  const bytes: number[] = [];
  for (let n = 0; n < 24; n += 3) {
    const joined = [line(n), line(n + 1), line(n + 2)].join("\n");
    const ping = frame("are you there", { opcode: OPCODE.ping, form: 0 });
    if (n % 2 === 0) bytes.push(...frame(joined, { form: n % 4 === 0 ? 2 : 8 }), ...ping);
    else {
      const cut = 40 + n * 11; // inside an envelope, a text or a stamp
      bytes.push(...frame(joined.slice(0, cut), { final: false }), ...ping);
      bytes.push(...frame(joined.slice(cut), { opcode: OPCODE.continuation }));
    }
  }
  return { bytes, stamps: Array.from({ length: 24 }, (_, n) => n * 1000) };
}

Deno.test("the load generator misses no message, wherever the stream is cut", () => {
  const { bytes, stamps } = stream();
  const pieces = [1, 2, 3, 7, 64, TEXT_BYTES, 333, 1000, bytes.length];
  for (const piece of pieces) {
    const guess = { first: 0, between: 0 };
    const seen: number[] = [];
    let pings = 0;
    const reader = new TextReader(guess, (_, micros) => seen.push(micros));
    const counter = new TextReader(guess);
    const walker = new FrameWalker((...payload) => {
      reader.read(...payload);
      counter.read(...payload);
    }, () => void pings++);
    for (let at = 0; at < bytes.length; at += piece) {
      const part = bytes.slice(at, at + piece);
      walker.read(Uint8Array.of(...part, MARK), part.length);
    }
    assertEquals(seen, stamps, `in pieces of ${piece}`);
    assertEquals([counter.texts, pings], [24, 8], `in pieces of ${piece}`);
  }
});

Deno.test("the load generator says to a server what it meant, once unmasked", () => {
  const payload = encoder.encode("x".repeat(200));
  const sent = clientFrame(OPCODE.text, payload);
  const key = sent.subarray(4, 8);
  assertEquals([...sent.subarray(0, 4)], [0x81, 0x80 | 126, 0, 200]);
  assertEquals([...sent.subarray(8)].map((byte, i) => byte ^ key[i & 3]!), [...payload]);
  assertEquals(clientFrame(OPCODE.pong, payload.subarray(0, 5)).length, 11);
});

Deno.test("a benchmark's text is 100 bytes with one mark", () => {
  const text = encoder.encode(textOf(3, 1234567890));
  assertEquals(text.length, TEXT_BYTES);
  assertEquals(text.filter((byte) => byte === MARK).length, 1);
});
