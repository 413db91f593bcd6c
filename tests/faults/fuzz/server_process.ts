// deno run --v8-flags=--expose-gc … tests/faults/fuzz/server_process.ts open|closed|tls <password>
// The server as the program wires it, with limits that a test does not meet, and a short grace period.
// Each line on standard input is answered by a line of JSON: how it is.

import process from "node:process";
import { NO_LIMITS } from "../../../lib/limits/mod.ts";
import { reportUncaught } from "../../../lib/cli/serve/uncaught.ts";
import { LogWriter } from "../../../lib/cli/serve/operations/log_writer.ts";
import { pair } from "../../support/certificates.ts";
import { IDENTITY, TestServer } from "../../support/server.ts";
import { FRIEND } from "./case.ts";

/** How a server is. */
export interface Health {
  /** What was reported since the last time, which no client should be able to cause. */
  readonly reported: readonly string[];
  /** The longest that the event loop stood still since the start, in milliseconds. */
  readonly slowestMs: number;
  /** Of the processor, since the last time. */
  readonly cpuMs: number;
  /** Connections that are held open. */
  readonly open: number;
  /** The same by what holds them. */
  readonly held: Readonly<Record<string, number>>;
  /** Of JavaScript, after all garbage was collected, in MB (10⁶ bytes). */
  readonly heapMb: number;
  readonly residentMb: number;
}

/** A time, a level, a category, and what is said without what steers a terminal. */
const LOG_LINE =
  // deno-lint-ignore no-control-regex
  /^(?:\S+Z (?:debug|info|warning|error) [\w.]+: | {4}at )[^\x00-\x1f\x7f-\x9f\u2028-\u202e]*$/;
/** A text of a normal user's, and a token. */
const SECRET = /still here \d|[\w-]{40}\.[\w-]{43}/;

/** Told to the operator, once: it may be a deployment that is not right. */
const ADVICE = /^a page of .* was refused/;

if (import.meta.main) {
  const [kind, secret] = Deno.args;
  const password = kind === "closed" ? secret : undefined;
  let reported: string[] = [];
  const report = (what: string, error?: unknown) => {
    if (error === undefined && ADVICE.test(what)) return;
    reported.push(`${what}: ${error instanceof Error ? error.stack : error}`);
  };
  using _uncaught = reportUncaught(report);
  // Everything that is ever logged, and what must not be in it.
  using log = new LogWriter({
    format: "text",
    level: "debug",
    isTerminal: false,
    write(lines) {
      for (const line of lines.split("\n").slice(0, -1)) {
        // Somebody may have typed the password as a name.
        const isTold = password !== undefined && line.includes(password) && !/ people: /.test(line);
        if (!LOG_LINE.test(line) || SECRET.test(line) || isTold) {
          reported.push(`the log has ${line}`);
        }
      }
    },
  });
  const rate = { perSecond: 1e6, burst: 1e6 };
  await using server = await TestServer.open({
    rate,
    limits: {
      ...NO_LIMITS,
      frames: rate,
      addressFrames: rate,
      seeks: rate,
      requests: rate,
      reads: rate,
      connects: rate,
      bodyMs: 1000,
    },
    keep: { type: "entries", count: 2000 },
    identity: { ...IDENTITY, holdNamesMs: 3_600_000 },
    operations: { log, metrics: [] },
    allowHosts: ["chat.example"],
    access: password === undefined ? {} : { password, anonymousPosts: false },
    network: {
      proxies: ["127.0.0.1"],
      allowOrigins: [FRIEND],
      ...(password !== undefined && { basePath: "/chat/" }),
      ...(kind === "tls" && { tls: pair("first") }),
    },
    drainMs: 1000,
    report,
  });
  const { running, url, httpPort, tcpPort } = server;
  await running.ready;
  console.log(JSON.stringify({ url, httpPort, tcpPort }));
  let before = process.cpuUsage();
  for await (const _ of Deno.stdin.readable) {
    (globalThis as unknown as { gc(): void }).gc();
    const used = process.cpuUsage(before);
    before = process.cpuUsage();
    const { heapUsed, rss } = Deno.memoryUsage();
    const health: Health = {
      reported,
      cpuMs: (used.user + used.system) / 1000,
      slowestMs: Math.round(running.loopDelay.max),
      open: running.limits.open,
      held: running.limits.counts.held,
      heapMb: heapUsed / 1e6,
      residentMb: rss / 1e6,
    };
    reported = [];
    console.log(JSON.stringify(health));
  }
}
