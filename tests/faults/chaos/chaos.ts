import { poll } from "../../transports/clients/poll.ts";
import { TRANSPORTS } from "../../transports/clients/all.ts";
import { tcpJson } from "../../transports/clients/lines.ts";
import { sse, stream } from "../../transports/clients/streams.ts";
import { websocket } from "../../transports/clients/websocket.ts";
import { Random } from "../support/random.ts";
import { RestartableServer } from "../support/restartable.ts";
import { ChaosFollower } from "./follower.ts";
import { problemsOf, readAll } from "./verdict.ts";
import { ChaosWriter, pause } from "./writer.ts";

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
    problems: problemsOf(stored, writers, followers),
  };
}

async function untilMore(count: () => number): Promise<void> {
  const before = count();
  while (count() === before) await pause(10);
}

function sum<T>(items: readonly T[], of: (item: T) => number): number {
  return items.reduce((total, item) => total + of(item), 0);
}
