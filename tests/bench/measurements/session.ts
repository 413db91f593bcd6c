import type { Crew } from "../processes/crew.ts";
import { pause } from "../processes/deadline.ts";
import { between, look, type Measured, measureFor } from "./measure.ts";
import type { Totals } from "../generator/command.ts";
import type { Options } from "../options.ts";
import type { Row } from "../peers/row.ts";
import type { Server } from "../processes/server.ts";
import type { Workshop } from "../processes/workshop.ts";

export type Throughput = Measured & { readonly window: number };

export type Latency = Measured & {
  readonly rate: number;
  readonly measureMs: number;
  /** Milliseconds, of what arrived; NaN where nothing did. */
  readonly p50: number;
  readonly p99: number;
  readonly p999: number;
  /** How many seconds of messages had not arrived when the time was up. */
  readonly behindSeconds: number;
  /** Milliseconds by which the generator itself was late: 99th percentile. */
  readonly lateP99: number;
};

export type Session = {
  readonly startMs: number;
  readonly throughput: readonly Throughput[];
  readonly latency: readonly Latency[];
  /** What did not go as it should: lost or doubled messages, closed connections. */
  readonly remarks: readonly string[];
};

/** Messages that a 99th percentile wants, as far as three times the usual length allows. */
const ENOUGH_MESSAGES = 150;

/** One row in one round: a fresh server, its readers, all windows, then all rates. */
export async function runSession(row: Row, workshop: Workshop, options: Options): Promise<Session> {
  await using server = await workshop.server(row.peer);
  await using crew = workshop.crew();
  await crew.join(server, row.peer, { readers: options.readers, over: row.over });
  const throughput: Throughput[] = [];
  const latency: Latency[] = [];
  const remarks: string[] = [];
  let backlog = false;
  if (options.parts.includes("throughput")) {
    for (const window of options.windows) {
      await crew.keepInFlight(window);
      await pause(options.warmMs);
      throughput.push({ window, ...await measureFor(crew, server, options.measureMs) });
      const { sent, lost } = await crew.stop(options.returnMs);
      // What the readers still get of this is not the next one's.
      await caughtUp(crew, sent, options.returnMs);
      if (lost > 0) remarks.push(`${lost} messages did not come back with ${window} in flight`);
    }
  }
  if (options.parts.includes("latency")) {
    for (const rate of options.rates) {
      // What a slow server still holds of the last rate is not this one's fault.
      if (backlog) await crew.stop(options.returnMs);
      const measured = await latencyAt(rate, { crew, server, options });
      backlog = measured.behindSeconds > 0.05;
      latency.push(measured);
    }
  }
  remarks.push(...await remarksOn(crew, { returnMs: options.returnMs, behind: backlog }));
  return { startMs: server.startMs, throughput, latency, remarks };
}

async function latencyAt(
  rate: number,
  { crew, server, options }: { crew: Crew; server: Server; options: Options },
): Promise<Latency> {
  const enoughMs = ENOUGH_MESSAGES * 1000 / rate;
  const measureMs = Math.min(Math.max(options.measureMs, enoughMs), options.measureMs * 3);
  const before = await look(crew, server);
  const result = await crew.open({
    rate,
    warmMs: options.warmMs,
    measureMs,
    drainMs: options.quick ? 200 : 1000,
  });
  const measured = between(before, await look(crew, server));
  return {
    ...measured,
    rate,
    measureMs,
    p50: inMillis(result.p50),
    p99: inMillis(result.p99),
    p999: inMillis(result.p999),
    behindSeconds: result.behindSeconds,
    lateP99: inMillis(result.lateP99),
  };
}

function inMillis(micros: number | null): number {
  return micros === null ? NaN : micros / 1000;
}

/** Every reader must have every message once; one that is behind has an excuse to have less. */
async function remarksOn(
  crew: Crew,
  { returnMs, behind }: { returnMs: number; behind: boolean },
): Promise<string[]> {
  const { sent } = await crew.stop(behind ? 0 : returnMs);
  const remarks = [];
  const { closed, connections, least, most } = await caughtUp(crew, sent, behind ? 0 : returnMs);
  if (closed > 0) remarks.push(`${closed} of ${connections} connections closed`);
  if (least < sent && !behind) remarks.push(`a reader got ${least} of ${sent} messages`);
  if (most > sent) remarks.push(`a reader got ${most} messages where ${sent} were sent`);
  return remarks;
}

/** Waits, so long, until every reader has got what was sent. */
async function caughtUp(crew: Crew, sent: number, limitMs: number): Promise<Totals> {
  const deadline = performance.now() + limitMs;
  let totals = await crew.totals();
  while (totals.least < sent && performance.now() < deadline) {
    await pause(50);
    totals = await crew.totals();
  }
  return totals;
}
