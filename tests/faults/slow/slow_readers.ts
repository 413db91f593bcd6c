import { postAs } from "../../transports/clients/client.ts";
import { websocket } from "../../transports/clients/websocket.ts";
import { MemoryPeak } from "../support/memory.ts";
import { RAW_KINDS } from "../support/raw_connections.ts";
import { RestartableServer } from "../support/restartable.ts";
import { SlowReader } from "./slow_reader.ts";

/** The longest text there is, three bytes a character. */
const TEXT = "€".repeat(4000);
const MESSAGE_BYTES = 3 * 4000;
/** Posts under way at a time. */
const AT_ONCE = 16;
/** How many of the slow ones read on at a time: they share two cores with the server. */
const READING_AT_ONCE = 25;

export interface SlowOptions {
  readonly readers: number;
  readonly megabytes: number;
  readonly progress?: (line: string) => void;
}

export interface SlowResult {
  readonly posted: number;
  readonly postingMs: number;
  /** How much the server's memory grew at most while nobody read, and while all read on. */
  readonly grewStalledMb: number;
  readonly grewReadingMb: number;
  /** From a post to its own sender's screen, of one who reads, while the others do not. */
  readonly healthyMs: { readonly median: number; readonly most: number };
  /** How many slow readers were given up meanwhile, and came back by their cursor. */
  readonly returns: number;
}

/** People stop reading while others write; rejects where one of them, or anybody else, misses a line. */
export async function slowReaders(options: SlowOptions): Promise<SlowResult> {
  const { progress = () => {} } = options;
  await using server = await RestartableServer.start();
  const at = await server.addresses();
  using memory = new MemoryPeak(server.process.pid);
  await using healthy = await websocket.join(at, { name: "healthy" });
  // The encoders and the disk have been used once, so that what grows is what is owed to somebody.
  let last = await postMany(64);
  await healthy.inbox.untilSeq(last);

  using stack = new DisposableStack();
  const readers: SlowReader[] = [];
  for (let i = 0; i < options.readers; i++) {
    const kind = RAW_KINDS[i % RAW_KINDS.length]!;
    const join = { name: `slow${i}`, cursor: last };
    readers.push(stack.use(await SlowReader.join(kind, at, join)));
  }
  const before = memory.mb;
  memory.reset();
  progress(`${readers.length} readers are here and read no further; ${before.toFixed(0)} MB`);

  const waits: number[] = [];
  const started = performance.now();
  const posted = Math.ceil(options.megabytes * 1e6 / MESSAGE_BYTES);
  let posting = true;
  const looking = (async () => {
    while (posting) {
      const sent = performance.now();
      const { seq } = await healthy.say("still here?");
      await healthy.inbox.until("message", (message) => message.seq >= seq);
      waits.push(performance.now() - sent);
      healthy.inbox.events.length = 0;
    }
  })();
  last = await postMany(posted);
  posting = false;
  await looking;
  last += waits.length;
  const postingMs = performance.now() - started;
  const grewStalledMb = memory.mb - before;
  memory.reset();
  const seconds = (postingMs / 1000).toFixed(1);
  progress(`${posted} messages in ${seconds} s; grew by ${grewStalledMb.toFixed(0)} MB`);

  last = (await postAs(at, undefined, { text: "the last" })).seq;
  const waiting = [...readers];
  await Promise.all(Array.from({ length: READING_AT_ONCE }, async () => {
    for (let reader = waiting.pop(); reader; reader = waiting.pop()) {
      await reader.readTo(last);
      progress(`${reader.kind.name} has seen all`);
    }
  }));
  waits.sort((a, b) => a - b);
  return {
    posted,
    postingMs,
    grewStalledMb,
    grewReadingMb: memory.mb - before,
    healthyMs: { median: waits[waits.length >> 1]!, most: waits.at(-1)! },
    returns: readers.reduce((sum, { returns }) => sum + returns, 0),
  };

  /** Resolves with the newest seq. */
  async function postMany(count: number): Promise<number> {
    let left = count;
    let newest = 0;
    await Promise.all(Array.from({ length: AT_ONCE }, async () => {
      while (left-- > 0) {
        newest = Math.max(newest, (await postAs(at, undefined, { text: TEXT })).seq);
      }
    }));
    return newest;
  }
}
