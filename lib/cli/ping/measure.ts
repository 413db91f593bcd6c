import { pause } from "../../base/backoff.ts";
import type { Clock } from "../../base/clock.ts";
import { Deadline, settledOr } from "../../base/deadline.ts";
import { reasonOf } from "../reason.ts";
import type { Probe } from "./probe.ts";
import { formatRtt, Statistics } from "./statistics.ts";

/** How long to wait for the last answers once the count is reached, as in ping(8). */
const LINGER_MS = 10_000;
/** How long to wait for them after an interrupt; closing the connection is part of it. */
const LEAVE_MS = 1000;

export interface MeasureOptions {
  /** How many to send; 0 sends until the signal. */
  readonly count: number;
  readonly intervalMs: number;
  readonly signal: AbortSignal;
  readonly clock: Clock;
  print(line: string): void;
}

export interface Measured {
  readonly statistics: Statistics;
  /** True if everything was answered and the connection lasted until we closed it. */
  readonly complete: boolean;
}

/**
 * Sends one packet each interval, whether or not the one before has been answered (a probe with
 * `inTurn` waits for it), and prints the answers. Ends after `count` packets, at the signal, or when the
 * connection is lost, and closes the connection. A packet without an answer by then counts as lost.
 */
export async function measure(probe: Probe, options: MeasureOptions): Promise<Measured> {
  const { count, intervalMs, signal, clock, print } = options;
  const statistics = new Statistics();
  const unanswered = new Map<number, Promise<void>>();
  const ended = AbortSignal.any([signal, probe.gone]);
  const startedAt = clock.now();

  for (let seq = 1; !ended.aborted; seq++) {
    statistics.sent++;
    unanswered.set(seq, exchange(seq).finally(() => unanswered.delete(seq)));
    if (seq === count) break;
    await pause(clock, Math.max(0, startedAt + seq * intervalMs - clock.now()), ended);
    if (!ended.aborted && unanswered.has(seq)) print(`no answer yet for seq=${seq}`);
    if (probe.inTurn) await settledOr(ended, Promise.all(unanswered.values()));
  }
  using linger = new Deadline(LINGER_MS, { clock, parent: ended });
  await settledOr(linger.signal, Promise.all(unanswered.values()));
  const gone = probe.gone.aborted;
  if (gone) print(reasonOf(probe.gone.reason));

  using leave = new Deadline(LEAVE_MS, { clock });
  await settledOr(leave.signal, Promise.all(unanswered.values()));
  const { received, sent } = statistics;
  await probe.close(leave.signal);
  return { statistics, complete: !gone && received === sent };

  async function exchange(seq: number): Promise<void> {
    const sentAt = clock.now();
    try {
      const { bytes, note = "" } = await probe.exchange(seq);
      const ms = clock.now() - sentAt;
      statistics.answered(ms);
      print(
        `${bytes} bytes from ${probe.peer}: seq=${seq} time=${formatRtt(ms)} ${note}`.trimEnd(),
      );
    } catch (error) {
      // The loss of the connection is printed once, below; that we closed it is not an error.
      if (!probe.gone.aborted) print(`seq=${seq}: ${reasonOf(error)}`);
    }
  }
}
