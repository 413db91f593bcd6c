/** Nodes of one room and their NATS as one server: it says where it listens, and ends them with itself. */
import { parseArgs } from "node:util";
import { NatsCluster, NatsServer } from "../../support/nats.ts";
import { Program } from "../../support/program.ts";

const { values: { replicas, nodes } } = parseArgs({
  options: {
    /** On as many NATS servers: 1 or 3. */
    replicas: { type: "string", default: "1" },
    /** All on one port. */
    nodes: { type: "string", default: "1" },
  },
});
const running = new AsyncDisposableStack();
Deno.addSignalListener("SIGTERM", () => void leave(0));

const nats = running.use(await (replicas === "1" ? NatsServer : NatsCluster).start());
const flags = ["--log", nats.url, "--replicas", replicas, "--no-tcp", "--rate-limit", "off"];
if (nodes !== "1") flags.push("--reuse-port");
let port = "0";
for (let i = 0; i < Number(nodes); i++) {
  const data = await Deno.makeTempDir();
  const node = running.use(new Program("start", [...flags, "--port", port, "--data", data]));
  try {
    port = (await node.stdout.until(/\bhttp:\/\/[^\s/]*:(\d+)/))[1]!;
  } catch {
    await node.stderr.ended;
    console.error(node.stderr.text);
    await leave(1);
  }
}
console.log(`http://127.0.0.1:${port}/`);

async function leave(code: number): Promise<never> {
  await running.disposeAsync();
  Deno.exit(code);
}
