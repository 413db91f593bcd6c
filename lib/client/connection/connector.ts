import { Backoff, pause } from "../../base/backoff.ts";
import type { Clock } from "../../base/clock.ts";
import type { ConnectionState } from "../client.ts";
import { Lost, reasonOf, TurnedAway, UNAUTHORIZED, Unreachable } from "../errors.ts";
import type { Connection, TransportChoice } from "./connection.ts";
import { seekBetter } from "./upgrade.ts";

const RECONNECT = { minMs: 500, maxMs: 30_000 };
/** A server that wants us to stay away for longer is not taken at its word. */
const AWAY_AT_MOST_MS = 600_000;

export interface ConnectorOptions {
  readonly clock: Clock;
  readonly random: () => number;
  readonly giveUpMs: number;
  /** What can be tried now, best first. */
  readonly choices: () => readonly TransportChoice[];
  /** Before each attempt; what it rejects with is why there is no connection. */
  readonly prepare: (choice: TransportChoice) => Promise<void>;
  readonly connection: (choice: TransportChoice) => Connection;
  /** A connection that is opened and ended at once, to see whether it can be had. */
  readonly probe: (choice: TransportChoice) => Connection;
  /** Nothing is wanted of the server for now: `wake` is called when that changes. */
  readonly resting: () => boolean;
  readonly changed: (state: ConnectionState) => void;
}

/** Stays connected: over the best transport that can be had, and backing off where there is none. */
export class Connector {
  readonly #options: ConnectorOptions;
  readonly #backoff: Backoff;
  readonly #left = new AbortController();
  #connection: Connection | undefined;
  /** What would be better than the connection there is, for as long as it lasts. */
  #better!: { readonly choices: readonly TransportChoice[]; readonly signal: AbortSignal };
  /** Set where the next attempt need not wait. */
  #again = false;
  #paused = false;
  /** In how many milliseconds the server asked us to come back. */
  #byeMs: number | undefined;
  /** When there was a server, on the monotonic clock. */
  #heardAt: number;
  #wake: (() => void) | undefined;

  constructor(options: ConnectorOptions) {
    const { clock, random } = options;
    this.#options = options;
    this.#backoff = new Backoff({ ...RECONNECT, random });
    this.#heardAt = clock.monotonic();
  }

  get connection(): Connection | undefined {
    return this.#connection;
  }

  /** Until `leave`; then it resolves. Rejects with TurnedAway or Unreachable. To be called once. */
  async run(): Promise<void> {
    const { clock, giveUpMs, resting, changed } = this.#options;
    while (!this.#hasLeft) {
      if (this.#paused || resting()) {
        changed({ type: "paused" });
        await this.#sleep(Infinity);
        continue;
      }
      changed({ type: "connecting" });
      this.#again = false;
      const why = await this.#attempt();
      if (this.#hasLeft) return;
      if (this.#again || this.#paused) continue;
      if (why instanceof TurnedAway) throw why;
      if (clock.monotonic() - this.#heardAt > giveUpMs) {
        throw new Unreachable(reasonOf(why), { cause: why });
      }
      const ms = this.#awayMs(why);
      changed({ type: "waiting", until: clock.now() + ms, reason: reasonOf(why) });
      await this.#sleep(ms);
    }
  }

  /** The server is there. `live`: and has told everything, so that failures begin anew. */
  heard(live = false): void {
    this.#heardAt = this.#options.clock.monotonic();
    if (!live) return;
    this.#backoff.reset();
    this.#upgrade();
  }

  bye(ms: number): void {
    this.#byeMs = Math.max(0, ms);
  }

  /** Tries at once where it waits to; goes on after `pause`. */
  reconnect(): void {
    this.#again ||= this.#paused;
    this.#paused = false;
    this.wake();
  }

  /** Ends what there is and begins anew, at once. */
  restart(why: string): void {
    this.#again = true;
    this.#connection?.end(new Lost(why));
    this.wake();
  }

  /** Ends what there is, and stays away until `reconnect`. */
  pause(): void {
    this.#paused = true;
    this.#connection?.end(new Lost("there is no network"));
    this.wake();
  }

  /** Looks again whether there is something to do. */
  wake(): void {
    this.#wake?.();
  }

  async leave(deadline: AbortSignal): Promise<void> {
    this.#left.abort();
    this.wake();
    await this.#connection?.close(deadline);
  }

  get #hasLeft(): boolean {
    return this.#left.signal.aborted;
  }

  /** Over each choice in turn, until one was opened and is over. Resolves with why there is none. */
  async #attempt(): Promise<Error> {
    const { choices, prepare, connection } = this.#options;
    let why: Error = new Lost("there is no transport to try");
    const all = choices();
    for (const [index, choice] of all.entries()) {
      try {
        await prepare(choice);
      } catch (error) {
        return error as Error;
      }
      if (this.#hasLeft || this.#again || this.#paused) break;
      const current = this.#connection = connection(choice);
      const over = new AbortController();
      this.#better = { choices: all.slice(0, index), signal: over.signal };
      why = await current.ended;
      over.abort();
      this.#connection = undefined;
      // Being sent away after all went well, as for not reading, says nothing about the next time.
      if (current.live && why instanceof TurnedAway && why.status !== UNAUTHORIZED) {
        return new Lost(why.message);
      }
      if (current.opened || this.#hasLeft || this.#again || this.#paused) break;
    }
    return why;
  }

  async #upgrade(): Promise<void> {
    const { probe, clock } = this.#options;
    const { choices, signal } = this.#better;
    if (choices.length > 0 && await seekBetter(choices, { probe, clock, signal })) {
      this.restart("there is a better way");
    }
  }

  #awayMs(why: Error): number {
    const bye = this.#byeMs;
    this.#byeMs = undefined;
    const atLeastMs = why instanceof Lost ? why.retryMs : 0;
    const ms = bye ?? Math.max(this.#backoff.nextMs(), atLeastMs);
    return Math.min(ms, AWAY_AT_MOST_MS);
  }

  async #sleep(ms: number): Promise<void> {
    const woken = new AbortController();
    this.#wake = () => woken.abort();
    if (ms < Infinity) await pause(this.#options.clock, ms, woken.signal);
    else await new Promise<void>((resolve) => this.#wake = resolve);
    this.#wake = undefined;
  }
}
