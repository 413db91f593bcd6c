import { postAs } from "../../transports/clients/client.ts";
import { websocket } from "../../transports/clients/websocket.ts";
import { ChaosWriter, pause } from "../chaos/writer.ts";
import { Random } from "../support/random.ts";
import { RestartableServer } from "../support/restartable.ts";
import { Returner } from "./returner.ts";

export interface RestartOptions {
  readonly clients: number;
  readonly drainSeconds: number;
  readonly progress?: (line: string) => void;
}

export interface RestartResult {
  /** Of the process that was asked to end, and how long that took. */
  readonly exitCode: number;
  readonly endedMs: number;
  /** From the signal until each was live again, in order. */
  readonly backMs: readonly number[];
  readonly byes: number;
  readonly acked: number;
  readonly problems: readonly string[];
}

/** Restarts a server under WebSocket clients while some of them write, and waits for all to be back. */
export async function restart(options: RestartOptions): Promise<RestartResult> {
  const { clients, drainSeconds, progress = () => {} } = options;
  const args = ["--drain", String(drainSeconds)];
  await using server = await RestartableServer.start({ samePorts: true, args });
  const at = await server.addresses();
  const { seq } = await postAs(at, undefined, { text: "before" });
  const people = Array.from({ length: clients }, (_, i) => new Returner(at.url, `p${i}`, seq));
  const running = people.map((person) => person.run());
  await Promise.all(people.map(({ live }) => live));
  const writers = Array.from(
    { length: 4 },
    (_, i) => new ChaosWriter(server, websocket, `writer${i}`, new Random(i)),
  );
  const quiet = new AbortController();
  const writing = writers.map((writer) => writer.run(quiet.signal));
  while (writers.some(({ acked }) => acked.length < 20)) await pause(10);
  progress(`${clients} are here, and 4 write`);

  const signalled = performance.now();
  const exitCode = await server.end("SIGTERM");
  const endedMs = performance.now() - signalled;
  progress(`the server has ended after ${endedMs.toFixed(0)} ms, with ${exitCode}`);
  server.start();
  await server.addresses();
  const before = writers.map(({ acked }) => acked.length);
  while (people.some(({ liveAt }) => liveAt < signalled)) await pause(10);
  while (writers.some(({ acked }, i) => acked.length <= before[i]!)) await pause(10);
  quiet.abort();
  await Promise.all(writing);
  const last = (await postAs(at, undefined, { text: "after" })).seq;
  while (people.some(({ cursor }) => cursor < last)) await pause(10);
  await Promise.all(people.map((person) => person.stop()));
  await Promise.all(running);

  const acked = writers.reduce((sum, { acked }) => sum + acked.length, 0);
  return {
    exitCode,
    endedMs,
    backMs: people.map(({ liveAt }) => liveAt - signalled).sort((a, b) => a - b),
    byes: people.reduce((sum, { byes }) => sum + byes, 0),
    acked,
    problems: [
      ...people.flatMap(({ problems }) => problems),
      ...people.filter(({ resumed }) => resumed !== 2).map(() => "somebody was not resumed"),
      ...writers.flatMap(({ problems }) => problems),
      // The two others are the first and the last.
      ...(last === acked + 2 ? [] : [`${acked + 2} were acked, and ${last} are stored`]),
    ],
  };
}

/** Bars of how many came back in each half second. */
export function histogram(values: readonly number[]): string[] {
  const STEP_MS = 500;
  const most = Math.floor((values.at(-1) ?? 0) / STEP_MS);
  return Array.from({ length: most + 1 }, (_, i) => {
    const count = values.filter((ms) => Math.floor(ms / STEP_MS) === i).length;
    return `${(i / 2).toFixed(1)} s  ${String(count).padStart(4)} ${
      "█".repeat(Math.ceil(count / 2))
    }`;
  });
}
