/**
 * The pieces that every message passes, alone: `deno task bench:hot`. For comparing a change with what
 * was before it, on the same machine within the same minute.
 */

import { systemLoop } from "../../lib/base/event_loop.ts";
import { createEncodings } from "../../lib/wire/encodings.ts";
import type { Draft } from "../../lib/model/draft.ts";
import type { Batch } from "../../lib/model/events.ts";
import { LineDecoder } from "../../lib/wire/line_decoder.ts";
import { SqliteLog } from "../../lib/log/sqlite_log.ts";
import type { Entry } from "../../lib/model/message.ts";
import { parseFrame } from "../../lib/wire/json.ts";
import { CatchUp } from "../../lib/room/catch_up.ts";
import { Reader } from "../../lib/room/reader.ts";
import { Tail } from "../../lib/room/tail.ts";

const TEXT =
  "a hundred bytes of what people say to each other, more or less, when they are in a room ".padEnd(
    100,
    ".",
  );
const BATCH = 64;
const ANN = { sender: "s", from: "ann" };
const READERS = 10_000;

function entries(first: number, count: number): Entry[] {
  return Array.from(
    { length: count },
    (_, i) => ({
      type: "message",
      seq: first + i,
      at: 1795215600000,
      id: `c-${i}`,
      from: "ann",
      text: TEXT,
    }),
  );
}

for (const format of ["frame", "ndjson", "sse", "lines"] as const) {
  const encode = createEncodings("k3x");
  Deno.bench(`encode ${BATCH} messages as ${format}`, { group: "encode" }, () => {
    const batch: Batch = { events: entries(1, BATCH), seq: BATCH };
    encode[format](batch);
  });
}

/** What is appended, of whichever kind, to a log that has `BATCH` messages. */
const DRAFTS: Record<string, (n: number) => Draft> = {
  messages: (n) => ({ ...ANN, text: TEXT, id: `${n}` }),
  answers: (n) => ({ ...ANN, text: TEXT, id: `${n}`, re: 1 + n % BATCH }),
  edits: (n) => ({
    type: "edit",
    ...ANN,
    ref: 1 + n % BATCH,
    text: TEXT,
    id: `${n}`,
    notBefore: -Infinity,
  }),
  reactions: (n) => {
    const [ref, on] = [1 + n % BATCH, Math.floor(n / BATCH) % 2 === 0];
    return { type: "reaction", ...ANN, ref, emoji: "👍", on, id: `${n}` };
  },
};

for (const size of [1, BATCH]) {
  for (const [what, draft] of Object.entries(DRAFTS)) {
    const path = Deno.makeTempFileSync({ suffix: ".db" });
    const log = new SqliteLog(path, systemLoop);
    await log.append(Array.from({ length: BATCH }, () => ({ ...ANN, text: TEXT })));
    let n = 0;
    Deno.bench(`append ${size} ${what} to SQLite, to the disk`, { group: "append" }, async () => {
      await log.append(Array.from({ length: size }, () => draft(n++)));
    });
  }
}

{
  const log = new SqliteLog(":memory:", systemLoop);
  const tail = new Tail(0, systemLoop);
  const presence = () => ({ type: "presence", count: 0 }) as const;
  const catchUp = new CatchUp(log, tail, systemLoop);
  const source = { log, tail, catchUp, presence, recent: 50, closing: undefined, ended() {} };
  const readers = Array.from(
    { length: READERS },
    () => new Reader(source, { after: 0, resumed: true }),
  );
  await Promise.all(readers.map((reader) => reader.next())); // live
  let seq = 1;
  Deno.bench(`follow: one batch to ${READERS} readers`, { group: "follow" }, async () => {
    const waiting = readers.map((reader) => reader.next());
    tail.push(entries(seq, BATCH));
    seq += BATCH;
    await Promise.all(waiting);
  });
  Deno.bench(`follow: one reaction to ${READERS} readers`, { group: "follow" }, async () => {
    const waiting = readers.map((reader) => reader.next());
    const by = { at: 1795215600000, from: "ann", count: 1, names: ["ann"] };
    const ref = Math.max(1, seq - 10);
    tail.push([{ type: "reaction", seq: seq++, ...by, ref, emoji: "👍", on: true }]);
    await Promise.all(waiting);
  });
}

{
  const frame = JSON.stringify({ type: "message", id: "c-7f", text: TEXT });
  Deno.bench("decode a frame", { group: "decode" }, () => void parseFrame(frame));
  const decoder = new LineDecoder(16 * 1024);
  const bytes = new TextEncoder().encode((TEXT + "\r\n").repeat(BATCH));
  Deno.bench(`decode ${BATCH} lines`, { group: "decode" }, () => void decoder.push(bytes));
}
