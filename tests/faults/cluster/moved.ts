import { NatsCluster } from "../../support/nats.ts";
import { postAs } from "../../transports/clients/client.ts";
import { websocket } from "../../transports/clients/websocket.ts";
import { ChaosWriter, pause } from "../chaos/writer.ts";
import { Returner } from "../restart/returner.ts";
import { Random } from "../support/random.ts";
import { Balancer } from "./balancer.ts";
import { Nodes } from "./nodes.ts";

export interface MovedResult {
  /** From the kill until each of those who were there was live elsewhere, in order. */
  readonly backMs: readonly number[];
  readonly acked: number;
  readonly problems: readonly string[];
}

/** Kills one of the nodes under clients that are spread over them, and waits for all to be elsewhere. */
export async function moved(
  { clients, nodes: count, progress = () => {} }: {
    readonly clients: number;
    readonly nodes: number;
    readonly progress?: (line: string) => void;
  },
): Promise<MovedResult> {
  await using nats = await NatsCluster.start();
  await using nodes = await Nodes.start(count, { log: nats.url, replicas: 3 });
  using balancer = new Balancer(nodes);
  const at = await nodes.all[0]!.addresses();
  const { seq } = await postAs(at, undefined, { text: "before" });
  const people = Array.from(
    { length: clients },
    (_, i) => new Returner(balancer.url, `p${i}`, seq),
  );
  const running = people.map((person) => person.run());
  await Promise.all(people.map(({ live }) => live));
  const writer = new ChaosWriter(nodes.all[0]!, websocket, "writer", new Random(1));
  const quiet = new AbortController();
  const writing = writer.run(quiet.signal);
  while (writer.acked.length < 20) await pause(10);
  progress(`${clients} are here, on ${count} nodes`);

  const killed = nodes.all.at(-1)!;
  const killedAt = performance.now();
  await killed.end("SIGKILL");
  const before = writer.acked.length;
  while (writer.acked.length < before + 20) await pause(10);
  quiet.abort();
  await writing;
  const last = (await postAs(at, undefined, { text: "after" })).seq;
  while (people.some(({ cursor }) => cursor < last)) await pause(10);
  await Promise.all(people.map((person) => person.stop()));
  await Promise.all(running);
  const back = people.filter(({ liveAt }) => liveAt > killedAt);
  return {
    backMs: back.map(({ liveAt }) => liveAt - killedAt).sort((a, b) => a - b),
    acked: writer.acked.length,
    problems: [
      ...people.flatMap(({ problems }) => problems),
      ...back.filter(({ resumed }) => resumed !== 2).map(() => "somebody was not resumed"),
      ...writer.problems,
      // The two others are the first and the last.
      ...(last === writer.acked.length + 2
        ? []
        : [`${writer.acked.length + 2} acked, ${last} stored`]),
    ],
  };
}
