import { isEntry } from "../../../lib/model/events.ts";
import type { Entry, Message } from "../../../lib/model/message.ts";
import type { ChaosFollower } from "./follower.ts";
import type { ChaosWriter, Own } from "./writer.ts";

/** What was promised to those who wrote and read, and is not so in the log; a line for each fault. */
export function problemsOf(
  stored: readonly Entry[],
  writers: readonly ChaosWriter[],
  followers: readonly ChaosFollower[],
): string[] {
  return [
    ...writers.flatMap((writer) => writer.problems),
    ...followers.flatMap(({ name, problems }) => problems.map((what) => `${name}: ${what}`)),
    ...checkLog(stored, writers),
    ...followers.flatMap((follower) => [...checkReader(follower, stored)]),
  ];
}

/** Every entry, as it is now. */
export async function readAll(url: string): Promise<Entry[]> {
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
