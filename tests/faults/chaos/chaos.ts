import { isEntry } from "../../../lib/model/events.ts";
import type { Entry, Message } from "../../../lib/model/message.ts";
import { poll } from "../../transports/clients/poll.ts";
import { TRANSPORTS } from "../../transports/clients/all.ts";
import { tcpJson } from "../../transports/clients/lines.ts";
import { sse, stream } from "../../transports/clients/streams.ts";
import { websocket } from "../../transports/clients/websocket.ts";
import { Random } from "../support/random.ts";
import { RestartableServer } from "../support/restartable.ts";
import { ChaosFollower } from "./follower.ts";
import { ChaosWriter, type Own, pause } from "./writer.ts";

/** Those who have tokens, and so may retry: by frames, by lines of JSON, and by POST (the other three). */
const WRITING = [websocket, tcpJson, stream, sse, poll];
/** For readers to come to the end, once nobody writes any more. */
const PATIENCE_MS = 60_000;

export interface ChaosOptions {
  readonly kills: number;
  readonly seconds: number;
  readonly seed: number;
  readonly writers: number;
  readonly progress?: (line: string) => void;
}

export interface ChaosResult {
  readonly kills: number;
  /** Kills that came before the server was up. */
  readonly early: number;
  readonly acked: number;
  readonly stored: number;
  readonly retries: number;
  readonly duplicates: number;
  readonly returns: number;
  readonly problems: readonly string[];
}

/**
 * Kills a real server over and over while people write and read over every transport; then looks at
 * what was promised to each of them.
 */
export async function chaos(options: ChaosOptions): Promise<ChaosResult> {
  const { kills, seconds, seed, progress = () => {} } = options;
  const random = new Random(seed);
  await using server = await RestartableServer.start();
  const writers = Array.from({ length: options.writers }, (_, i) => {
    const transport = WRITING[i % WRITING.length]!;
    const random = new Random(seed + i + 1);
    return new ChaosWriter(server, transport, `writer${i}`, random, { mix: true });
  });
  const followers = TRANSPORTS.map((transport) => new ChaosFollower(server, transport));
  const quiet = new AbortController();
  const late = new AbortController();
  const last = Promise.withResolvers<number>();
  const writing = writers.map((writer) => writer.run(quiet.signal));
  const reading = followers.map((follower) => follower.run(last.promise, late.signal));

  let early = 0;
  const meanMs = 1000 * seconds / kills;
  for (let kill = 1; kill <= kills; kill++) {
    // Anywhere from the first moment of a start to twice the mean: recovery is killed too.
    await pause(random.between(0, 2 * meanMs));
    const up = /^http:/m.test(server.process.stdout.text);
    if (!up) early++;
    await server.end("SIGKILL");
    server.start();
    const acked = sum(writers, ({ acked }) => acked.length);
    progress(`kill ${kill} of ${kills}${up ? "" : " (while starting)"}, ${acked} acked so far`);
  }
  const at = await server.addresses();
  // One life more in which everybody is back: the last message of all must reach every reader.
  await Promise.all(writers.map((writer) => untilMore(() => writer.acked.length)));
  quiet.abort();
  await Promise.all(writing);
  const stored = await readAll(at.url);
  last.resolve(stored.length);
  const timer = setTimeout(() => late.abort(), PATIENCE_MS);
  await Promise.all(reading);
  clearTimeout(timer);

  return {
    kills,
    early,
    acked: sum(writers, ({ acked }) => acked.length),
    stored: stored.length,
    retries: sum(writers, ({ retries }) => retries),
    duplicates: sum(writers, ({ duplicates }) => duplicates),
    returns: sum(followers, ({ returns }) => returns),
    problems: [
      ...writers.flatMap((writer) => writer.problems),
      ...followers.flatMap(({ name, problems }) => problems.map((what) => `${name}: ${what}`)),
      ...checkLog(stored, writers),
      ...followers.flatMap((follower) => [...checkReader(follower, stored)]),
    ],
  };
}

/** Dense, everything acked in its place, nothing twice, and nothing that nobody wrote. */
function* checkLog(stored: readonly Entry[], writers: readonly ChaosWriter[]): Generator<string> {
  const times = new Map<string, number>();
  for (const [index, { seq, from, id }] of stored.entries()) {
    if (seq !== index + 1) yield `the log has ${seq} in place ${index + 1}`;
    times.set(`${from} ${id}`, (times.get(`${from} ${id}`) ?? 0) + 1);
  }
  for (const { name, acked, own } of writers) {
    for (const { seq, id, fields: { type = "message" } } of acked) {
      const entry = stored[seq - 1];
      if (entry?.type !== type || entry.from !== name || entry.id !== id) {
        yield `${name} ${id} was acked as ${seq}, where the log has ${JSON.stringify(entry)}`;
      }
      const key = `${name} ${id}`;
      if (times.get(key) !== 1) yield `${key} is ${times.get(key)} times in the log`;
      times.delete(key);
    }
    for (const [seq, is] of own) yield* checkOwn(stored[seq - 1], is);
  }
  for (const key of times.keys()) yield `${key} is in the log, and nobody was told so`;
}

/** A message is what its sender, who alone changes it, was told that it is. */
function* checkOwn(entry: Entry | undefined, { text, deleted, emoji }: Own): Generator<string> {
  if (entry?.type !== "message") return; // said already
  const now = [entry.text, entry.deleted ?? false, ...entry.reactions?.map((r) => r.emoji) ?? []];
  const expected = deleted ? ["", true] : [text, false, ...emoji];
  if (now.sort().join() !== expected.sort().join()) {
    yield `${entry.seq} is ${JSON.stringify(entry)}, where its sender was told ${expected}`;
  }
}

/** The log, all of it, in its order, each entry once; and the messages as they are now. */
function* checkReader(reader: ChaosFollower, stored: readonly Entry[]): Generator<string> {
  if (reader.seen.length !== stored.length) {
    yield `${reader.name} saw ${reader.seen.length} of ${stored.length}`;
  }
  for (const [index, { seq, from, type }] of reader.seen.entries()) {
    const entry = stored[index];
    if (entry?.seq === seq && entry.from === from && entry.type === type) continue;
    yield `${reader.name} saw the ${type} ${seq} of ${from} as its ${index + 1}th`;
    return; // what follows is off by as much
  }
  for (const { seq, text, deleted = false } of reader.shown) {
    const now = stored[seq - 1] as Message;
    if (now.text === text && (now.deleted ?? false) === deleted) continue;
    yield `${reader.name} shows "${text}" as ${seq}, which is ${JSON.stringify(now)}`;
  }
}

/** Every entry, as it is now. */
async function readAll(url: string): Promise<Entry[]> {
  const all: Entry[] = [];
  for (let cursor = "0", more = true; more;) {
    const response = await fetch(`${url}/poll?since=${cursor}&wait=0`);
    const page = await response.json();
    const entries = page.events.filter(isEntry);
    all.push(...entries);
    cursor = page.cursor;
    more = entries.length > 0;
  }
  return all;
}

async function untilMore(count: () => number): Promise<void> {
  const before = count();
  while (count() === before) await pause(10);
}

function sum<T>(items: readonly T[], of: (item: T) => number): number {
  return items.reduce((total, item) => total + of(item), 0);
}
