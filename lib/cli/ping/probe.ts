/** One long connection to a peer that answers each packet. */
export interface Probe {
  /** The other end, as `HOST:PORT`. */
  readonly peer: string;
  /** The size of a packet. */
  readonly bytes: number;
  /** Each exchange must end before the next begins, or it would open another connection: HTTP/1.1. */
  readonly inTurn?: boolean;
  /** How many connections were opened, where that may be more than one. */
  readonly connections?: number;
  /** Sends a packet and resolves with its answer. Rejects where there will be none. */
  exchange(seq: number): Promise<Answer>;
  /** Aborted when the connection has ended, with an Error that says how. */
  readonly gone: AbortSignal;
  /** Closes the connection in order, or drops it when `deadline` comes first. */
  close(deadline: AbortSignal): Promise<void>;
}

export interface Answer {
  readonly bytes: number;
  /** Printed behind the figures. */
  readonly note?: string;
}

/** As many bytes as an ICMP echo of ping(8). */
export const PAYLOAD_BYTES = 64;

/**
 * The packet with number `seq`: a line with the time. A room that gets it by mistake (`/ws` instead of
 * `/echo`) ignores it, since it is a frame and not a text.
 */
export function payload(seq: number): string {
  const frame = JSON.stringify({ type: "ping", seq, at: Date.now() });
  return frame.padEnd(PAYLOAD_BYTES - 1) + "\n";
}

/** The texts that were sent to an echo and are still to come back, in order. */
export class Echoes {
  readonly #peer: string;
  readonly #gone = new AbortController();
  readonly #expected: { text: string; resolve: () => void; reject: (why: unknown) => void }[] = [];

  constructor(peer: string) {
    this.#peer = peer;
  }

  get gone(): AbortSignal {
    return this.#gone.signal;
  }

  /** Resolves when the text has come back, after those before it. */
  expect(text: string): Promise<void> {
    if (this.gone.aborted) return Promise.reject(this.gone.reason);
    return new Promise((resolve, reject) => this.#expected.push({ text, resolve, reject }));
  }

  /** False if this is not the text that comes next: then the peer is no echo, and everything ends. */
  arrived(text: unknown): boolean {
    if (this.#expected[0]?.text === text) {
      this.#expected.shift()!.resolve();
      return true;
    }
    this.end(new Error(`${this.#peer} is no echo, it sends something else than it was sent`));
    return false;
  }

  /** Rejects everything outstanding and all that follows. Only the first reason counts. */
  end(why: Error): void {
    this.#gone.abort(why);
    for (const { reject } of this.#expected.splice(0)) reject(why);
  }
}
