import type { Entry } from "../../../lib/model/message.ts";
import { poll } from "../../transports/clients/poll.ts";
import { tcpJson } from "../../transports/clients/lines.ts";
import { sse, stream } from "../../transports/clients/streams.ts";
import { websocket } from "../../transports/clients/websocket.ts";
import { NatsCluster } from "../../support/nats.ts";
import { ChaosFollower } from "../chaos/follower.ts";
import { problemsOf, readAll } from "../chaos/verdict.ts";
import { ChaosWriter, pause } from "../chaos/writer.ts";
import { Random } from "../support/random.ts";
import type { RestartableServer } from "../support/restartable.ts";
import type { Fault } from "./faults.ts";
import { Nodes } from "./nodes.ts";

/** Each has a token, and so may retry. */
const WRITING = [websocket, tcpJson, stream, sse, poll];
const READING = [websocket, sse, stream, poll, tcpJson];
const STREAM = "partyline";
/** For readers to come to the end, once nobody writes any more. */
const PATIENCE_MS = 60_000;
/** After a fault so many are acked to each writer before the next. */
const ACKS_BETWEEN = 5;

export interface ClusterOptions {
  readonly nodes: number;
  readonly writers: number;
  readonly readers: number;
  readonly seed: number;
  /** Injected one after the other. */
  readonly faults: readonly Fault[];
  readonly awayMs: number;
  readonly progress?: (line: string) => void;
}

/** What came of one fault. */
export interface Injected {
  readonly name: string;
  /** The longest time in which nobody was acked anything, from its beginning until all had an ack after it. */
  readonly silentMs: number;
  /** What was acked meanwhile. */
  readonly acked: number;
}

export interface ClusterResult {
  readonly injected: readonly Injected[];
  readonly acked: number;
  readonly stored: number;
  readonly retries: number;
  readonly duplicates: number;
  readonly returns: number;
  readonly problems: readonly string[];
}

/**
 * Injects faults into a cluster of nodes and of NATS servers while people write and read on all nodes,
 * going to the next one whenever they drop out; then looks at what was promised to each of them.
 */
export async function cluster(options: ClusterOptions): Promise<ClusterResult> {
  const { seed, awayMs, progress = () => {} } = options;
  await using nats = await NatsCluster.start();
  await using nodes = await Nodes.start(options.nodes, { log: nats.url, replicas: 3 });
  progress(`${options.nodes} nodes and 3 NATS servers run`);
  const writers = Array.from({ length: options.writers }, (_, i) => {
    const transport = WRITING[i % WRITING.length]!;
    const random = new Random(seed + i + 1);
    return new ChaosWriter(nodes.inTurn(i), transport, `writer${i}`, random, { mix: true });
  });
  const followers = Array.from(
    { length: options.readers },
    (_, i) => new ChaosFollower(nodes.inTurn(i), READING[i % READING.length]!),
  );
  const quiet = new AbortController();
  const late = new AbortController();
  const last = Promise.withResolvers<number>();
  const writing = writers.map((writer) => writer.run(quiet.signal));
  const reading = followers.map((follower) => follower.run(last.promise, late.signal));

  await untilAcked(writers, ACKS_BETWEEN);
  const stage = { nats, nodes, stream: STREAM, random: new Random(seed), awayMs };
  const injected: Injected[] = [];
  for (const { name, inject } of options.faults) {
    const before = ackedBy(writers);
    using silence = new Silence(() => ackedBy(writers));
    await inject(stage);
    await untilAcked(writers, ACKS_BETWEEN);
    const result = { name, silentMs: silence.longestMs, acked: ackedBy(writers) - before };
    injected.push(result);
    progress(`${name}: ${result.acked} acked, none for ${Math.round(result.silentMs)} ms at most`);
  }
  quiet.abort();
  await Promise.all(writing);
  const logs = await Promise.all(nodes.all.map((node) => copyOf(node, 0)));
  const newest = Math.max(...logs.map(({ length }) => length));
  const stored = await copyOf(nodes.all[0]!, newest);
  last.resolve(stored.length);
  const timer = setTimeout(() => late.abort(), PATIENCE_MS);
  await Promise.all(reading);
  clearTimeout(timer);
  const copies = await Promise.all(nodes.all.map((node) => copyOf(node, stored.length)));
  return {
    injected,
    acked: ackedBy(writers),
    stored: stored.length,
    retries: writers.reduce((sum, { retries }) => sum + retries, 0),
    duplicates: writers.reduce((sum, { duplicates }) => sum + duplicates, 0),
    returns: followers.reduce((sum, { returns }) => sum + returns, 0),
    problems: [
      ...problemsOf(stored, writers, followers),
      ...copies.flatMap((copy, i) => differences(copy, stored).map((what) => `node ${i} ${what}`)),
    ],
  };
}

/** The history as a node has it, once it has so many entries; what it has where that takes too long. */
async function copyOf(node: RestartableServer, count: number): Promise<Entry[]> {
  const { url } = await node.addresses();
  const until = performance.now() + PATIENCE_MS;
  for (;;) {
    const copy = await readAll(url);
    if (copy.length >= count || performance.now() > until) return copy;
    await pause(100);
  }
}

/** What a copy has otherwise, as far as the first entry that differs. */
function differences(copy: readonly Entry[], stored: readonly Entry[]): string[] {
  if (copy.length !== stored.length) return [`has ${copy.length} entries of ${stored.length}`];
  const at = copy.findIndex((entry, i) => JSON.stringify(entry) !== JSON.stringify(stored[i]));
  if (at < 0) return [];
  return [`has ${JSON.stringify(copy[at])} for ${JSON.stringify(stored[at])}`];
}

/** How long a figure has stood still at most, since the beginning. */
class Silence implements Disposable {
  readonly #read: () => number;
  readonly #timer: ReturnType<typeof setInterval>;
  #value: number;
  #since = performance.now();
  #longestMs = 0;

  constructor(read: () => number) {
    this.#read = read;
    this.#value = read();
    this.#timer = setInterval(() => this.#look(), 5);
  }

  get longestMs(): number {
    this.#look();
    return this.#longestMs;
  }

  #look(): void {
    const now = performance.now();
    this.#longestMs = Math.max(this.#longestMs, now - this.#since);
    const value = this.#read();
    if (value !== this.#value) this.#since = now;
    this.#value = value;
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }
}

function ackedBy(writers: readonly ChaosWriter[]): number {
  return writers.reduce((sum, { acked }) => sum + acked.length, 0);
}

/** Until each of them has so many more. */
async function untilAcked(writers: readonly ChaosWriter[], count: number): Promise<void> {
  const wanted = writers.map(({ acked }) => acked.length + count);
  while (writers.some(({ acked }, i) => acked.length < wanted[i]!)) await pause(10);
}
