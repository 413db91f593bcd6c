import { acceptLoop } from "../accept.ts";
import { Assets } from "../assets.ts";
import { systemClock } from "../clock.ts";
import type { Context } from "../context.ts";
import { openDataDir } from "../data_dir.ts";
import { createEncoders } from "../encoders.ts";
import {
  choice,
  defineCommand,
  type Flag,
  integer,
  port,
  text,
  toggle,
  type Values,
} from "../flags.ts";
import { createHandler } from "../http/router.ts";
import { HttpServer } from "../http/server.ts";
import { hostPort, listenTcp } from "../listen.ts";
import { SqliteLog } from "../log_sqlite.ts";
import type { Rate } from "../rate_limit.ts";
import { Room } from "../room.ts";
import { Sessions } from "../session.ts";
import { tcpRoom } from "../transports/tcp.ts";
import { Watchdog } from "../watchdog.ts";
import { Interrupt } from "./interrupt.ts";

/** From the signal to the end at the latest, with a second to spare for the log and the exit. */
const DRAIN_MS = 4000;
/** How long readers have for their `bye` before the listener goes away. */
const BYE_MS = 250;
/** A reload or a change of network is back by then. */
const GRACE_MS = 5000;

const flags = {
  // Nobody but this machine, until somebody decides otherwise.
  host: text({ value: "HOST", default: "127.0.0.1", help: "address to listen on" }),
  port: port({ default: 8080, help: "port for HTTP and WebSocket; 0 picks a free one" }),
  "tcp-port": port({ default: 9999, help: "port for the TCP room; 0 picks a free one" }),
  tcp: toggle({ default: true, help: "leave the TCP room out" }),
  data: text({ value: "DIR", default: "./data", help: "where the history is kept" }),
  room: text({ value: "NAME", default: "lobby", help: "what the room is called" }),
  recent: integer({
    value: "N",
    default: 50,
    min: 0,
    max: 500,
    help: "messages shown to somebody who comes for the first time",
  }),
  "rate-limit": rateLimit(5, "messages a second from one sender, at once twice as many"),
  "tcp-empty-line": choice({
    choices: ["ignore", "leave"],
    default: "ignore",
    help: "what an empty line means in the TCP room",
  }),
  "allow-host": text({
    value: "NAME,…",
    default: "",
    help: "names under which the server is reached besides localhost; * for any",
  }),
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
  using _net = catchAll();
  using dir = openDataDir(values.data);
  await using log = new SqliteLog(dir.log, systemClock);
  using room = new Room(log, {
    name: values.room,
    recent: values.recent,
    rate: values["rate-limit"],
    graceMs: GRACE_MS,
    report,
  });
  using watchdog = new Watchdog(systemClock);
  const drained = new AbortController();
  const context: Context = {
    room,
    sessions: await Sessions.open(dir.key),
    encode: createEncoders(log.epoch),
    assets: await Assets.load(new URL("../../static/", import.meta.url)),
    hosts: [values.host, ...values["allow-host"].split(",")].map((name) => name.trim()),
    watchdog,
    signal: drained.signal,
  };
  // The TCP port first: where one of the two cannot be had, nobody has been answered yet.
  const listener = values.tcp && listenTcp(
    { hostname: values.host, port: values["tcp-port"] },
    { host: "--host", port: "--tcp-port" },
  );
  const at = { hostname: values.host, port: values.port };
  const http = new HttpServer(at, createHandler(context), report);
  console.log(`http://${hostPort(http.addr.hostname, http.addr.port)}/`);
  if (listener) {
    const { hostname, port } = listener.addr;
    console.log(`tcp://${hostPort(hostname, port)}    nc ${hostname} ${port}`);
    const options = { emptyLine: values["tcp-empty-line"] };
    const { signal } = interrupt;
    acceptLoop(listener, (conn) => tcpRoom(conn, context, options), { signal, report });
  }

  await aborted(interrupt.signal);
  const deadline = timeout(DRAIN_MS);
  const stored = room.close(DRAIN_MS);
  await timeout(BYE_MS);
  await Promise.race([Promise.all([stored, http.shutdown()]), deadline]);
  drained.abort();
  return 0;
}

function rateLimit(perSecond: number, help: string): Flag<Rate | undefined> {
  const rate = (perSecond: number) => ({ perSecond, burst: 2 * perSecond });
  return {
    value: "N/s|off",
    help,
    default: rate(perSecond),
    typed: `${perSecond}/s`,
    parse(raw) {
      if (raw === "off") return undefined;
      const perSecond = Number(/^(\d{1,6})(?:\/s)?$/.exec(raw)?.[1]);
      if (!(perSecond > 0)) throw new Error("wanted messages a second, as 5/s, or off");
      return rate(perSecond);
    },
  };
}

/** The last net under every callback: what nobody caught is reported, and ends nothing. */
function catchAll(): Disposable {
  const onError = (event: ErrorEvent) => {
    event.preventDefault();
    report("unexpected", event.error);
  };
  const onRejection = (event: PromiseRejectionEvent) => {
    event.preventDefault();
    report("unexpected", event.reason);
  };
  addEventListener("error", onError);
  addEventListener("unhandledrejection", onRejection);
  return {
    [Symbol.dispose]() {
      removeEventListener("error", onError);
      removeEventListener("unhandledrejection", onRejection);
    },
  };
}

function report(what: string, error: unknown): void {
  console.error(`${new Date().toISOString()} ${what}:`, error);
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener("abort", () => resolve()));
}

function timeout(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
