import { dataFlag } from "./data_flag.ts";
import {
  choice,
  defineCommand,
  type Flag,
  integer,
  port,
  text,
  toggle,
  type Values,
} from "./flags.ts";
import { startServer } from "../server.ts";
import { hostPort } from "../base/listen.ts";
import type { Rate } from "../base/rate_limit.ts";
import type { Keep } from "../log/retention.ts";
import { Interrupt } from "./interrupt.ts";

const flags = {
  // Nobody but this machine, until somebody decides otherwise.
  host: text({ value: "HOST", default: "127.0.0.1", help: "address to listen on" }),
  port: port({ default: 8080, help: "port for HTTP and WebSocket; 0 picks a free one" }),
  "tcp-port": port({ default: 9999, help: "port for the TCP room; 0 picks a free one" }),
  tcp: toggle({ default: true, help: "leave the TCP room out" }),
  data: dataFlag,
  room: text({ value: "NAME", default: "lobby", help: "what the room is called" }),
  recent: integer({
    value: "N",
    default: 50,
    min: 0,
    max: 500,
    help: "messages shown to somebody who comes for the first time",
  }),
  "rate-limit": rateLimit(5, "messages a second from one sender, at once twice as many"),
  keep: keep("what is kept of the history: 90d, 100000 messages, or all"),
  drain: integer({
    value: "SECONDS",
    default: 5,
    min: 1,
    max: 3600,
    help: "from the signal to the end at the latest; clients come back spread over as long",
  }),
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
  await using running = await startServer({
    host: values.host,
    port: values.port,
    tcpPort: values.tcp ? values["tcp-port"] : undefined,
    emptyLine: values["tcp-empty-line"],
    data: values.data,
    room: values.room,
    recent: values.recent,
    rate: values["rate-limit"],
    keep: values.keep,
    drainMs: 1000 * values.drain,
    allowHosts: values["allow-host"].split(",").map((name) => name.trim().toLowerCase())
      .filter((name) => name !== ""),
    report,
  });
  const { http, tcp } = running;
  console.log(`http://${hostPort(http.hostname, http.port)}/`);
  if (tcp) {
    console.log(`tcp://${hostPort(tcp.hostname, tcp.port)}    nc ${tcp.hostname} ${tcp.port}`);
  }
  await aborted(interrupt.signal);
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

function keep(help: string): Flag<Keep> {
  const DAY_MS = 24 * 60 * 60 * 1000;
  return {
    value: "Nd|N|all",
    help,
    default: { type: "all" },
    typed: "all",
    parse(raw) {
      if (raw === "all") return { type: "all" };
      const [, digits, days] = /^(\d{1,9})(d?)$/.exec(raw) ?? [];
      const number = Number(digits);
      if (!(number > 0)) throw new Error("wanted days as 90d, a number of messages, or all");
      return days ? { type: "age", ms: number * DAY_MS } : { type: "entries", count: number };
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

function report(what: string, error?: unknown): void {
  const line = `${new Date().toISOString()} ${what}`;
  if (error === undefined) console.error(line);
  else console.error(`${line}:`, error);
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener("abort", () => resolve()));
}
