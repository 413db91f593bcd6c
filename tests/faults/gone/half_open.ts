// Finds out when a peer that vanished without a word leaves the room, on each transport: two network
// namespaces, and a link between them that begins to swallow everything. Needs root; takes as long
// as the kernel does, so nothing of it runs in CI.
//
//   deno task test:half-open --minutes 20
//   deno task test:half-open --minutes 4 --tuned    with the kernel settings the README proposes
import { parseArgs } from "@std/cli/parse-args";
import { ServerProcess } from "../../support/server.ts";
import { openRaw, RAW_KINDS } from "../support/raw_connections.ts";

const SERVER = "10.99.7.1";
const CLIENT = "10.99.7.2";
/** Of a connection without traffic, and of one with unanswered bytes: both in about a minute. */
const TUNED = [
  "net.ipv4.tcp_keepalive_time=30",
  "net.ipv4.tcp_keepalive_intvl=10",
  "net.ipv4.tcp_keepalive_probes=3",
  "net.ipv4.tcp_retries2=8",
];

if (import.meta.main) {
  const [role] = Deno.args;
  if (role === "clients") await stay(Number(Deno.args[1]), Number(Deno.args[2]));
  else if (role === "watch") await watch(Deno.args.slice(1));
  else await inNamespaces(Deno.args);
}

/** Lays the wire, runs the watcher on one end of it, and takes it away again. */
async function inNamespaces(args: string[]): Promise<void> {
  const { tuned } = parseArgs(args, { boolean: ["tuned"] });
  const server = `pl-s${Deno.pid}`;
  const client = `pl-c${Deno.pid}`;
  try {
    await sh(`ip netns add ${server}; ip netns add ${client}
      ip -n ${server} link add wire type veth peer name wire netns ${client}
      ip -n ${server} link set lo up; ip -n ${client} link set lo up
      ip -n ${server} addr add ${SERVER}/24 dev wire; ip -n ${client} addr add ${CLIENT}/24 dev wire
      ip -n ${server} link set wire up; ip -n ${client} link set wire up
      # The address stays known, as it does behind a router that does not tell that a peer is gone.
      ip -n ${server} neigh replace ${CLIENT} dev wire nud permanent \\
        lladdr $(ip netns exec ${client} cat /sys/class/net/wire/address)`);
    if (tuned) await sh(`ip netns exec ${server} sysctl -q -w ${TUNED.join(" ")}`);
    await sh(
      `exec ip netns exec ${server} "${Deno.execPath()}" run --quiet --allow-all "$0" watch "$@"`,
      import.meta.filename!,
      client,
      ...args,
    );
  } finally {
    await sh(`ip netns del ${server}; ip netns del ${client}`);
  }
}

/** In the server's namespace: opens the room, lets the peers come, cuts the wire, and waits. */
async function watch([client, ...args]: string[]): Promise<void> {
  const { minutes = "20" } = parseArgs(args, { string: ["minutes"] });
  const data = await Deno.makeTempDir({ prefix: "partyline-" });
  await using server = new ServerProcess(
    ["--port", "0", "--tcp-port", "0", "--host", SERVER, "--data", data],
  );
  // The addresses it prints are the wire's; the watcher and its client library use them too.
  const at = await server.addresses();
  const started = performance.now();
  await using watcher = await websocketOn(SERVER, at.httpPort);
  const peers = new Deno.Command("ip", {
    args: [
      ...["netns", "exec", client!, Deno.execPath(), "run", "--quiet", "--allow-net"],
      ...[import.meta.filename!, "clients", String(at.httpPort), String(at.tcpPort)],
    ],
    stdout: "inherit",
    stderr: "inherit",
  }).spawn();
  const names = RAW_KINDS.map(({ name }) => nameOf(name));
  for (const name of names) await watcher.joined(name);
  await sh(`ip -n ${client} addr del ${CLIENT}/24 dev wire`);
  const cut = performance.now();
  console.log(`cut after ${((cut - started) / 1000).toFixed(1)} s; waiting ${minutes} min at most`);
  const late = setTimeout(() => watcher.stop(), Number(minutes) * 60_000);
  await Promise.all(names.map(async (name) => {
    const left = await watcher.left(name);
    const s = ((performance.now() - cut) / 1000).toFixed(1);
    console.log(left ? `${name.padEnd(10)} left after ${s} s` : `${name.padEnd(10)} is still here`);
  }));
  clearTimeout(late);
  peers.kill("SIGKILL");
  await peers.status;
  await Deno.remove(data, { recursive: true });
}

/** In the other namespace: somebody over each transport, who then says nothing. */
async function stay(httpPort: number, tcpPort: number): Promise<void> {
  const at = { url: "", httpPort, tcpPort };
  await Promise.all(RAW_KINDS.map(async (kind) => {
    const conn = await openRaw(kind, at, { name: nameOf(kind.name), hostname: SERVER });
    const buffer = new Uint8Array(65536);
    while (await conn.read(buffer).catch(() => null) !== null);
  }));
}

function nameOf(kind: string): string {
  return kind.replaceAll(/[^a-z]+/gi, "_").replace(/^_/, "");
}

/** A watcher by plain WebSocket; the loopback of this namespace does not reach `--host`. */
async function websocketOn(hostname: string, port: number) {
  const events: { type: string; name?: string }[] = [];
  const waiting = new Set<() => void>();
  let stopped = false;
  const wake = () => waiting.forEach((resolve) => resolve());
  const socket = new WebSocket(`ws://${hostname}:${port}/ws?name=watcher`);
  socket.onmessage = ({ data }) => {
    for (const line of (data as string).split("\n")) events.push(JSON.parse(line));
    wake();
  };
  await new Promise((resolve) => socket.onopen = resolve);
  const heard = async (type: string, name: string) => {
    for (;;) {
      if (events.some((event) => event.type === type && event.name === name)) return true;
      if (stopped) return false;
      await new Promise<void>((resolve) => waiting.add(resolve));
    }
  };
  return {
    joined: (name: string) => heard("join", name),
    left: (name: string) => heard("leave", name),
    stop() {
      stopped = true;
      wake();
    },
    async [Symbol.asyncDispose]() {
      const closed = new Promise((resolve) => socket.onclose = resolve);
      socket.close();
      await closed;
    },
  };
}

async function sh(script: string, ...args: string[]): Promise<void> {
  const { success } = await new Deno.Command("sh", {
    args: ["-ec", script, ...args],
    stdout: "inherit",
    stderr: "inherit",
  }).spawn().status;
  if (!success) throw new Error(`failed: ${script}`);
}
