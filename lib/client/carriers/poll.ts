import type { Clock } from "../../base/clock.ts";
import { pause } from "../../base/backoff.ts";
import { parseCursor } from "../../model/cursor.ts";
import type { HeardEvent } from "../../model/events.ts";
import { parseEvent } from "../../wire/event_decoder.ts";
import type { CarrierListener, OpenCarrier } from "../carrier.ts";
import { Lost } from "../errors.ts";
import type { Requests } from "../requests.ts";
import { oneWay } from "./one_way.ts";

/** How long one poll may wait, in seconds: the server's default, which proxies let pass. */
const WAIT_S = 25;
/** A poll that has not been answered this long after it should have been is lost. */
const SLACK_S = 10;
/** An answer that says nothing comes no faster than this, or it is asked for more slowly. */
const EMPTY_TURN_MS = 1000;

export interface PollOptions {
  readonly clock: Clock;
  /** Only reads, and is nobody in the room, whatever session there is. */
  readonly lurks: boolean;
}

/**
 * `/poll`, one turn after the other. It carries entries only: who is here is asked for after each
 * turn, and comes out as a `presence`; `live` comes out when the history is over.
 */
export function overPoll(requests: Requests, { clock, lurks }: PollOptions): OpenCarrier {
  return ({ name, since, recent, silent }, listener) =>
    oneWay(requests, listener, async (heard, signal) => {
      let live = false;
      // The first turn does not wait, so that it is known at once whether this way is open.
      for (let wait = 0;; wait = WAIT_S) {
        const started = clock.monotonic();
        const who = lurks ? { lurk: 1 } : { name };
        const query = { since, wait, ...who, ...(!since && { recent }) };
        const limitMs = 1000 * (wait + SLACK_S);
        const { answer } = await requests.ask("poll", {
          query,
          signal,
          silent: wait === 0 ? silent : undefined,
          limitMs,
        });
        const turn = parseTurn(answer);
        if (!turn) return new Lost("its answer cannot be read");
        const { events, epoch, seq, more } = turn;
        since = turn.cursor;
        if (!more && !live) {
          live = true;
          events.push({ type: "live", seq });
        }
        heard(events, epoch);
        if (more) continue;
        askPresence(requests, heard, signal);
        const elapsedMs = clock.monotonic() - started;
        if (wait > 0 && events.length === 0 && elapsedMs < EMPTY_TURN_MS) {
          await pause(clock, EMPTY_TURN_MS, signal);
        }
      }
    });
}

interface Turn {
  readonly events: HeardEvent[];
  readonly cursor: string;
  readonly epoch: string;
  readonly seq: number;
  readonly more: boolean;
}

function parseTurn(answer: unknown): Turn | undefined {
  const { events, cursor, more } = Object(answer) as Record<string, unknown>;
  const { epoch, seq } = (typeof cursor === "string" && parseCursor(cursor)) || {};
  if (!Array.isArray(events) || epoch === undefined || seq === undefined) return undefined;
  if (more === true && events.length === 0) return undefined; // it would be asked without end
  const known = events.flatMap((event) => parseEvent(event) ?? []);
  return { events: known, cursor: cursor as string, epoch, seq, more: more === true };
}

async function askPresence(
  requests: Requests,
  heard: CarrierListener["heard"],
  signal: AbortSignal,
): Promise<void> {
  try {
    const { answer } = await requests.ask("api/presence", { signal });
    const presence = parseEvent({ ...Object(answer), type: "presence" });
    if (presence) heard([presence]);
  } catch {
    // best effort: it is asked again after the next turn
  }
}
