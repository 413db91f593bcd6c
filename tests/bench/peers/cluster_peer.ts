import { join } from "node:path";
import type { Peer, Readers } from "./peer.ts";

/** Partyline with its log in NATS JetStream, whose servers are started and counted with it. */
type Cluster = {
  readonly name: string;
  readonly title: string;
  /** NATS servers, each with a copy of the log. */
  readonly replicas: 1 | 3;
  readonly nodes: number;
};

const CLUSTERS: readonly Cluster[] = [
  { name: "nats", title: "one nats-server", replicas: 1, nodes: 1 },
  { name: "nats-r3", title: "three nats-servers, R=3", replicas: 3, nodes: 1 },
  { name: "nodes-2", title: "one nats-server, two nodes on one port", replicas: 1, nodes: 2 },
  { name: "nodes-3", title: "one nats-server, three nodes on one port", replicas: 1, nodes: 3 },
];

export function clusterPeers(readers: Readers): Peer[] {
  return CLUSTERS.map(({ name, title, replicas, nodes }): Peer => ({
    name,
    title: `Partyline, its log in JetStream: ${title}`,
    dialect: "partyline",
    publisherPath: "/ws?name=publisher{n}&recent=0",
    readers: [readers],
    onlyByName: true,
    prepare: (tools) =>
      tools.run("nats-server", ["--version"], {
        hint: "apt-get install nats-server",
        // Debian puts it where not everybody looks.
        env: { PATH: `${Deno.env.get("PATH")}:/usr/sbin` },
      }),
    launch: (_, scratch) =>
      Promise.resolve({
        command: [
          ...["env", `TMPDIR=${scratch}`, Deno.execPath(), "run", "-A"],
          ...[join(import.meta.dirname!, "cluster.ts")],
          ...["--replicas", String(replicas), "--nodes", String(nodes)],
        ],
        // Several nodes are for several cores.
        anyCore: nodes > 1,
      }),
  }));
}
