import { fileURLToPath } from "node:url";
import { startServer } from "../../server.ts";
import { dataFlag } from "../data_flag.ts";
import { choice, defineCommand, integer, port, text, toggle, type Values } from "../flags/mod.ts";
import { Interrupt } from "../interrupt.ts";
import { accessFlags, accessOf } from "./access_flags.ts";
import { clusterFlags, clusterOf } from "./cluster_flags.ts";
import { fileFlags, filesOf } from "./file_flags.ts";
import { identityFlags, identityOf } from "./identity_flags.ts";
import { keep } from "./kinds/keep.ts";
import { packageCache } from "../process/package_cache.ts";
import { addressLines, openTo } from "./operations/addresses.ts";
import { tellCheck } from "./tell_check.ts";
import { operationFlags } from "./operations/flags.ts";
import { LogWriter } from "./operations/log_writer.ts";
import { VERSION } from "../../base/version.ts";
import { limitFlags, limitsOf } from "./limit_flags.ts";
import { certificateOf, networkFlags, networkOf } from "./network_flags.ts";
import { opennessWarning } from "./openness.ts";
import { rateLimit } from "./kinds/rate_limit.ts";
import { spanOr } from "./kinds/span.ts";
import { reportUncaught } from "./uncaught.ts";

const flags = {
  // Only this machine can connect, unless the operator decides otherwise.
  host: text({ value: "HOST", default: "127.0.0.1", help: "address to listen on" }),
  port: port({ default: 8080, help: "port for HTTP and WebSocket; 0 picks a free one" }),
  "tcp-port": port({ default: 9999, help: "port for the TCP room; 0 picks a free one" }),
  tcp: toggle({ default: true, help: "do not open the TCP room" }),
  data: dataFlag,
  ...clusterFlags,
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
  // Long enough for what one notices on reading it again; later, people have answered what was said.
  "edit-for": spanOr({
    default: "1h",
    max: "3650d",
    short: true,
    help: "how long people can edit what they said",
  }, { forever: Infinity, off: 0 }),
  ...accessFlags,
  ...identityFlags,
  ...limitFlags,
  ...fileFlags,
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
  ...operationFlags,
};

/** The page, and what its bundler and the threads read of the program: of packages, too. */
const OWN_FILES = [
  ...["../../", "../../../static/"].map((folder) => new URL(folder, import.meta.url)),
  ...packagesFolder(),
].map((url) => fileURLToPath(url));

/** Where all packages of the registry lie beside each other, by where one of them does. */
function packagesFolder(): URL[] {
  const [folder, found] = import.meta.resolve("@logtape/logtape").split("@logtape/");
  return found !== undefined && folder?.startsWith("file:") ? [new URL(folder)] : [];
}

export const command = defineCommand({
  name: "serve",
  summary: "open the room: HTTP, WebSocket and TCP",
  flags,
  examples: [
    "deno task start --port 8000 --data /var/lib/partyline",
    "deno task start --host 0.0.0.0 --password-file room.password --no-tcp",
  ],
  touches(values) {
    const { data } = values;
    const read = [data, packageCache(), ...OWN_FILES, ...certificateOf(values)];
    return { read, write: [data] };
  },
  run: serve,
});

async function serve(values: Values<typeof flags>): Promise<number> {
  const tcpPort = values.tcp ? values["tcp-port"] : undefined;
  if (values.check) return await tellCheck({ ...values, tcpPort, reusePort: values["reuse-port"] });
  using interrupt = new Interrupt();
  using log = new LogWriter({
    format: values["log-format"],
    level: values["log-level"],
    isTerminal: Deno.stderr.isTerminal(),
    write: toStandardError,
  });
  const { report } = log;
  using _uncaught = reportUncaught(report);
  // A server that takes messages without a limit is a measurement, or has somebody else who limits.
  const unlimited = !values.limits || values["rate-limit"] === undefined;
  const access = accessOf(values, report);
  const open = opennessWarning({ host: values.host, password: access.password });
  if (open !== undefined) report(open);
  const network = networkOf(values);
  const cluster = clusterOf(values);
  await using running = await startServer({
    host: values.host,
    port: values.port,
    tcpPort,
    emptyLine: values["tcp-empty-line"],
    data: values.data,
    cluster,
    room: values.room,
    recent: values.recent,
    rate: values["rate-limit"],
    editForMs: values["edit-for"],
    renames: unlimited ? undefined : values["rename-limit"],
    limits: limitsOf(values, unlimited),
    access,
    files: filesOf(values),
    identity: identityOf(values),
    keep: values.keep,
    drainMs: 1000 * values.drain,
    allowHosts: values["allow-host"],
    network: { ...network, reusePort: values["reuse-port"] },
    operations: { log, metrics: values.metrics ? values["metrics-allow"] : undefined },
    report,
  });
  using _renewal = network.tls && onSignal("SIGHUP", () => running.renewCertificate());
  const { room } = running;
  for (const line of addressLines(running, network.tls !== undefined)) console.log(line);
  const startedAt = performance.now();
  const kept = room.log.last - room.log.first + 1;
  const copied = cluster ? `, a copy of the stream ${cluster.stream} in NATS` : "";
  log.log(
    "info",
    "server",
    `Partyline ${VERSION} runs: ${kept} messages in ${values.data}${copied}; ${
      openTo(running, access.password !== undefined)
    }`,
    { event: "started", version: VERSION, data: values.data, messages: kept },
  );
  // Without the page the room would be of no use to most: that ends it.
  await Promise.all([running.ready, aborted(interrupt.signal)]);
  const seconds = Math.round((performance.now() - startedAt) / 1000);
  const messages = room.counts.entries.message;
  log.log(
    "info",
    "server",
    `Partyline ${VERSION} ends after ${seconds} s: ${messages} messages were stored in ` +
      `${values.data}, the last is #${room.log.last}`,
    { event: "ending", version: VERSION, data: values.data, messages, seconds },
  );
  return 0;
}

function toStandardError(lines: string): void {
  const bytes = new TextEncoder().encode(lines);
  for (let sent = 0; sent < bytes.length;) sent += Deno.stderr.writeSync(bytes.subarray(sent));
}

function onSignal(signal: Deno.Signal, action: () => void): Disposable {
  Deno.addSignalListener(signal, action);
  return { [Symbol.dispose]: () => Deno.removeSignalListener(signal, action) };
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener("abort", () => resolve()));
}
