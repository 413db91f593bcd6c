import type { NatsCluster } from "../../support/nats.ts";
import { pause } from "../chaos/writer.ts";
import type { RestartableServer } from "../support/restartable.ts";
import type { Random } from "../support/random.ts";
import type { Nodes } from "./nodes.ts";

/** What faults are done to. */
export interface Stage {
  readonly nats: NatsCluster;
  readonly nodes: Nodes;
  readonly stream: string;
  readonly random: Random;
  /** How long what was stopped or killed stays so. */
  readonly awayMs: number;
}

/** What is done to a cluster; when it resolves, all of it runs again. */
export interface Fault {
  readonly name: string;
  inject(stage: Stage): Promise<void>;
}

export const FAULTS: readonly Fault[] = [
  {
    name: "kill -9 of a node",
    async inject({ nodes, random, awayMs }) {
      const node = random.pick(nodes.all);
      await node.end("SIGKILL");
      await pause(awayMs);
      await startNode(node);
    },
  },
  {
    name: "kill -9 of the NATS server that leads the stream",
    async inject({ nats, stream, awayMs }) {
      const leader = await nats.leaderOf(stream);
      await leader.kill();
      await pause(awayMs);
      await leader.restart();
    },
  },
  {
    name: "SIGSTOP of the NATS server that leads the stream, then SIGCONT",
    async inject({ nats, stream, awayMs }) {
      const leader = await nats.leaderOf(stream);
      leader.pause();
      await pause(awayMs);
      leader.resume();
    },
  },
  {
    name: "SIGSTOP of another NATS server, then SIGCONT",
    async inject({ nats, stream, random, awayMs }) {
      const leader = await nats.leaderOf(stream);
      const other = random.pick(nats.servers.filter((server) => server !== leader));
      other.pause();
      await pause(awayMs);
      other.resume();
    },
  },
  {
    name: "SIGSTOP of a node, then SIGCONT",
    async inject({ nodes, random, awayMs }) {
      const { process } = random.pick(nodes.all);
      process.kill("SIGSTOP");
      await pause(awayMs);
      process.kill("SIGCONT");
    },
  },
  {
    name: "two of three NATS servers killed: no majority",
    async inject({ nats, random, awayMs }) {
      const left = random.pick(nats.servers);
      const killed = nats.servers.filter((server) => server !== left);
      await Promise.all(killed.map((server) => server.kill()));
      await pause(awayMs);
      await nats.restart();
    },
  },
  {
    name: "one node after the other is restarted (SIGTERM)",
    async inject({ nodes }) {
      for (const node of nodes.all) {
        await node.end("SIGTERM");
        await startNode(node);
      }
    },
  },
  {
    name: "kill -9 of everything at once, and a start on the same data",
    async inject({ nats, nodes, awayMs }) {
      await Promise.all([nats.kill(), ...nodes.all.map((node) => node.end("SIGKILL"))]);
      await pause(awayMs);
      await nats.restart();
      await Promise.all(nodes.all.map(startNode));
    },
  },
];

/** Rejects with what the node has said where it does not come up. */
async function startNode(node: RestartableServer): Promise<void> {
  node.start();
  const { stderr } = node.process;
  await node.addresses().catch((cause) => {
    throw new Error(`a node does not start: ${stderr.text}`, { cause });
  });
}
