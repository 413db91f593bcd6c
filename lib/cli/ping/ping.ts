import { type Clock, systemClock } from "../../base/clock.ts";
import { defineCommand, integer, seconds, UsageError } from "../flags/mod.ts";
import { StartupError } from "../../base/startup_error.ts";
import { Deadline } from "../../base/deadline.ts";
import { Interrupt } from "../interrupt.ts";
import { probeHttp } from "./http.ts";
import { measure } from "./measure.ts";
import type { Probe } from "./probe.ts";
import { probeTcp } from "./tcp.ts";
import { probeWebSocket } from "./websocket.ts";
import { reasonOf } from "../reason.ts";

/** A peer that has not accepted by then counts as unreachable. */
const CONNECT_MS = 10_000;

/** Milliseconds since the Unix epoch, with fractions, from a clock that is never set back. */
const clock: Clock = {
  ...systemClock,
  now: () => performance.timeOrigin + performance.now(),
};

/** `deno task ping`: holds one long connection open and measures it, as ping(8) does. */
export const command = defineCommand({
  name: "ping",
  summary: "measure one long connection",
  operand: "URL",
  flags: {
    interval: seconds({ default: 1, min: 0.001, max: 3600, help: "seconds between two" }),
    count: integer({
      value: "N",
      default: 0,
      min: 0,
      max: 1_000_000_000,
      help: "how many to send; 0 sends until Ctrl-C",
    }),
  },
  examples: [
    "deno task ping ws://127.0.0.1:8080/echo",
    "deno task ping tcp://127.0.0.1:8888 --count 5   # needs: deno task tcp",
    "deno task ping http://127.0.0.1:8080/ping --interval 0.2",
  ],
  async run({ interval, count }, operand) {
    const url = parseTarget(operand);
    using interrupt = new Interrupt();
    const probe = await openProbe(url, interrupt.signal);
    console.log(`PING ${url.href} ${probe.bytes} bytes of data.`);
    const startedAt = clock.now();
    const { statistics, complete } = await measure(probe, {
      count,
      intervalMs: 1000 * interval,
      signal: interrupt.signal,
      clock,
      print: (line) => console.log(line),
    });
    console.log();
    for (const line of statistics.summary(url.href, clock.now() - startedAt)) console.log(line);
    const { connections } = probe;
    if (connections !== undefined) {
      console.log(connections === 1 ? "1 connection" : `${connections} connections`);
    }
    return complete ? 0 : 1;
  },
});

function parseTarget(operand: string | undefined): URL {
  const wanted = "wanted ws://HOST:PORT/echo, tcp://HOST:PORT or http://HOST:PORT/ping, " +
    "with TLS wss://, tcps:// or https://";
  if (operand === undefined) throw new UsageError(`the URL is missing; ${wanted}`);
  const url = URL.parse(operand);
  const known = ["ws:", "wss:", "tcp:", "tcps:", "http:", "https:"];
  if (!url?.hostname || !known.includes(url.protocol)) {
    throw new UsageError(`"${operand}": ${wanted}`);
  }
  if (url.protocol.startsWith("tcp") && url.port === "") {
    throw new UsageError(`"${operand}": the port is missing; ${wanted}`);
  }
  return url;
}

async function openProbe(url: URL, interrupted: AbortSignal): Promise<Probe> {
  if (url.protocol.startsWith("http")) return probeHttp(url);
  using deadline = new Deadline(CONNECT_MS, { parent: interrupted });
  const probe = url.protocol.startsWith("tcp") ? probeTcp : probeWebSocket;
  try {
    return await probe(url, deadline.signal);
  } catch (cause) {
    throw new StartupError(`cannot open ${url.href}: ${reasonOf(cause)}`, { cause });
  }
}
