import { hostPort } from "../../base/net/listen.ts";
import { startServer } from "../../server.ts";
import { dataFlag } from "../data_flag.ts";
import { choice, defineCommand, integer, port, text, toggle, type Values } from "../flags/mod.ts";
import { Interrupt } from "../interrupt.ts";
import { keep } from "./keep.ts";
import { limitFlags, limitsOf } from "./limit_flags.ts";
import { networkFlags, networkOf } from "./network_flags.ts";
import { rateLimit } from "./rate_limit.ts";
import { reportUncaught } from "./uncaught.ts";

const flags = {
  // Only this machine can connect, unless the operator decides otherwise.
  host: text({ value: "HOST", default: "127.0.0.1", help: "address to listen on" }),
  port: port({ default: 8080, help: "port for HTTP and WebSocket; 0 picks a free one" }),
  "tcp-port": port({ default: 9999, help: "port for the TCP room; 0 picks a free one" }),
  tcp: toggle({ default: true, help: "do not open the TCP room" }),
  data: dataFlag,
  room: text({ value: "NAME", default: "lobby", help: "name of the room" }),
  recent: integer({
    value: "N",
    default: 50,
    min: 0,
    max: 500,
    help: "messages that a first visit shows",
  }),
  "rate-limit": rateLimit({
    default: "5/s",
    of: "messages",
    burst: 2,
    help: "messages per second of one sender; twice as many in a burst",
  }),
  ...limitFlags,
  keep: keep("history to keep: days as 90d, messages as 100000, or all"),
  drain: integer({
    value: "SECONDS",
    default: 5,
    min: 1,
    max: 3600,
    help: "longest shutdown; clients reconnect spread over the same time",
  }),
  "tcp-empty-line": choice({
    choices: ["ignore", "leave"],
    default: "ignore",
    help: "what an empty line does in the TCP room",
  }),
  ...networkFlags,
};

export const command = defineCommand({
  name: "serve",
  summary: "open the room: HTTP, WebSocket and TCP",
  flags,
  examples: [
    "deno task start --port 8000 --data /var/lib/partyline",
    "deno task start --host 0.0.0.0 --rate-limit 2/s --no-tcp",
  ],
  run: serve,
});

async function serve(values: Values<typeof flags>): Promise<number> {
  using interrupt = new Interrupt();
  using _uncaught = reportUncaught(report);
  // A server that takes messages without a limit is a measurement, or has somebody else who limits.
  const unlimited = !values.limits || values["rate-limit"] === undefined;
  const network = networkOf(values);
  await using running = await startServer({
    host: values.host,
    port: values.port,
    tcpPort: values.tcp ? values["tcp-port"] : undefined,
    emptyLine: values["tcp-empty-line"],
    data: values.data,
    room: values.room,
    recent: values.recent,
    rate: values["rate-limit"],
    renames: unlimited ? undefined : values["rename-limit"],
    limits: limitsOf(values, unlimited),
    keep: values.keep,
    drainMs: 1000 * values.drain,
    allowHosts: values["allow-host"],
    network,
    report,
  });
  using _renewal = network.tls && onSignal("SIGHUP", () => running.renewCertificate());
  const { http, tcp } = running;
  console.log(`${network.tls ? "https" : "http"}://${hostPort(http.hostname, http.port)}/`);
  if (tcp && network.tls) {
    const at = hostPort(tcp.hostname, tcp.port);
    console.log(`tcps://${at}    openssl s_client -quiet -connect ${at}`);
  } else if (tcp) {
    console.log(`tcp://${hostPort(tcp.hostname, tcp.port)}    nc ${tcp.hostname} ${tcp.port}`);
  }
  // Without the page the room would be of no use to most: that ends it.
  await Promise.all([running.ready, aborted(interrupt.signal)]);
  return 0;
}

function report(what: string, error?: unknown): void {
  const line = `${new Date().toISOString()} ${what}`;
  if (error === undefined) console.error(line);
  else console.error(`${line}:`, error);
}

function onSignal(signal: Deno.Signal, action: () => void): Disposable {
  Deno.addSignalListener(signal, action);
  return { [Symbol.dispose]: () => Deno.removeSignalListener(signal, action) };
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener("abort", () => resolve()));
}
