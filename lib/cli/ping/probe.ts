/** One long connection that answers what is sent over it. */
export interface Probe {
  /** The other end, as `HOST:PORT`. */
  readonly peer: string;
  /** How much is sent each time. */
  readonly bytes: number;
  /** One exchange must end before the next begins, or it takes another connection: HTTP/1.1. */
  readonly inTurn?: boolean;
  /** How many connections it has taken, where that may be more than one. */
  readonly connections?: number;
  /** Sends, and resolves when it is answered. Rejects where there will be no answer. */
  exchange(seq: number): Promise<Answer>;
  /** Aborted when the connection has ended, with an Error that says how. */
  readonly gone: AbortSignal;
  /** Takes leave as the protocol has it, or drops the connection where `deadline` comes first. */
  close(deadline: AbortSignal): Promise<void>;
}

export interface Answer {
  readonly bytes: number;
  /** What else is to be shown of it. */
  readonly note?: string;
}

/** As many bytes as an ICMP echo of ping(8). */
export const PAYLOAD_BYTES = 64;

/**
 * What is sent as number `seq`: a line with the time. To a room, of which the address was meant to be
 * its echo, it is a frame to be ignored and not a message.
 */
export function payload(seq: number): string {
  const frame = JSON.stringify({ type: "ping", seq, at: Date.now() });
  return frame.padEnd(PAYLOAD_BYTES - 1) + "\n";
}

/** What has been sent to an echo and has not come back, in order. */
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

  /** False where this is not what had to come next: then the other end is no echo, and all is over. */
  arrived(text: unknown): boolean {
    if (this.#expected[0]?.text === text) {
      this.#expected.shift()!.resolve();
      return true;
    }
    this.end(new Error(`${this.#peer} is no echo, it sends something else than it was sent`));
    return false;
  }

  /** Nothing will come back any more. Only the first reason counts. */
  end(why: Error): void {
    this.#gone.abort(why);
    for (const { reject } of this.#expected.splice(0)) reject(why);
  }
}
