import type { Clock } from "../base/clock.ts";
import { Bucket, type Rate } from "../base/rate_limit.ts";
import { rateLimited, Refusal } from "../model/refusal.ts";

/** What an upload counts at least: it costs the disk more than its bytes. */
const LEAST_BYTES = 64 * 1024;
/** How many times as much as one person an address may have: others are behind it, too. */
const ADDRESS = { uploads: 10, bytes: 5 } as const;
/** Above this many, those who have not uploaded anything for long are forgotten. */
const SWEEP_ABOVE = 1000;

export interface UploadOptions {
  /** Uploads of one person at a time, Infinity for no limit; of an address ten times as many. */
  readonly uploads: number;
  /** Their bytes; no limit where undefined. Of an address five times as many. */
  readonly uploadBytes: Rate | undefined;
}

export interface UploadContext {
  readonly clock: Clock;
  /** How long somebody waits for an upload of theirs to end. */
  readonly waitMs: () => number;
  /** Told who has met which limit. */
  readonly onLimited: (kind: "uploads" | "upload_bytes", address: string) => void;
}

/** Who uploads: the address, and the session where there is one. */
export interface Uploading {
  readonly address: string;
  /** What the address counts as. */
  readonly key: string;
  readonly session: string | undefined;
  /** How many bytes will come, where that was said. */
  readonly announced: number;
}

/** What one upload may still send. Disposed when it has ended, however it ends. */
export interface UploadAllowance extends Disposable {
  /** So many bytes have come in all. Throws a Refusal, `rate_limited`. */
  spend(bytes: number): void;
}

/** What a person, or an address, has used. */
class Used {
  open = 0;
  readonly most: number;
  readonly bytes: Bucket | undefined;

  constructor(most: number, bytes: Rate | undefined) {
    this.most = most;
    this.bytes = bytes && new Bucket(bytes);
  }

  get isFull(): boolean {
    return this.open >= this.most;
  }

  isIdle(now: number): boolean {
    return this.open === 0 && (this.bytes?.isFull(now) ?? true);
  }
}

/** Somebody who waits for a turn. */
interface Waiting {
  readonly used: readonly Used[];
  readonly begin: () => void;
}

/**
 * How many files somebody uploads at a time, and how many bytes an hour, counted by session and by
 * address. Above the first an upload waits, unread, until another of them has ended.
 */
export class Uploads {
  readonly #options: UploadOptions;
  readonly #context: UploadContext;
  readonly #used = new Map<string, Used>();
  readonly #waiting = new Set<Waiting>();
  #sweepAt = SWEEP_ABOVE;

  constructor(options: UploadOptions, context: UploadContext) {
    this.#options = options;
    this.#context = context;
  }

  /** Rejects with a Refusal, `rate_limited`. */
  async begin({ address, key, session, announced }: Uploading): Promise<UploadAllowance> {
    const { uploadBytes } = this.#options;
    const used = [this.#find(`address ${key}`, ADDRESS)];
    if (session !== undefined) {
      used.push(this.#find(`session ${session}`, { uploads: 1, bytes: 1 }));
    }
    await this.#turn(used, address);
    let [paid, spent, ended] = [0, 0, false];
    const pay = (bytes: number) => {
      if (uploadBytes && bytes > paid) this.#pay(used, bytes - paid, address);
      paid = Math.max(paid, bytes);
    };
    const end = () => {
      if (ended) return;
      ended = true;
      // What did not come costs nothing.
      const unused = paid - Math.max(spent, Math.min(paid, LEAST_BYTES));
      for (const each of used) each.bytes?.giveBack(unused);
      this.#end(used);
    };
    try {
      pay(Math.max(LEAST_BYTES, announced));
    } catch (error) {
      end();
      throw error;
    }
    return {
      spend(bytes) {
        pay(bytes);
        spent = bytes;
      },
      [Symbol.dispose]: end,
    };
  }

  async #turn(used: readonly Used[], address: string): Promise<void> {
    if (!used.some(({ isFull }) => isFull)) return take(used);
    const turn = Promise.withResolvers<void>();
    const waiting = { used, begin: turn.resolve };
    this.#waiting.add(waiting);
    const { clock, waitMs, onLimited } = this.#context;
    using _late = clock.after(waitMs(), () => {
      if (!this.#waiting.delete(waiting)) return;
      onLimited("uploads", address);
      turn.reject(
        new Refusal("rate_limited", "you upload too many files at once; wait for some to end", {
          retryAfter: RETRY_S,
        }),
      );
    });
    await turn.promise;
  }

  #end(used: readonly Used[]): void {
    for (const each of used) each.open--;
    for (const waiting of this.#waiting) {
      if (waiting.used.some(({ isFull }) => isFull)) continue;
      this.#waiting.delete(waiting);
      take(waiting.used);
      waiting.begin();
    }
  }

  /** From all of them, or from none. */
  #pay(used: readonly Used[], bytes: number, address: string): void {
    const { clock, onLimited } = this.#context;
    const now = clock.monotonic();
    for (const [i, { bytes: bucket }] of used.entries()) {
      const part = bucket?.take(now, bytes) ?? 0;
      if (part <= 1) continue;
      for (const before of used.slice(0, i)) before.bytes?.giveBack(bytes);
      onLimited("upload_bytes", address);
      throw rateLimited(bucket!.waitMs(part), "you have uploaded too much in an hour");
    }
  }

  #find(key: string, times: { readonly uploads: number; readonly bytes: number }): Used {
    let used = this.#used.get(key);
    if (!used) {
      if (this.#used.size >= this.#sweepAt) this.#sweep();
      const { uploads, uploadBytes } = this.#options;
      used = new Used(
        uploads * times.uploads,
        uploadBytes && {
          perSecond: uploadBytes.perSecond * times.bytes,
          burst: uploadBytes.burst * times.bytes,
        },
      );
      this.#used.set(key, used);
    }
    return used;
  }

  #sweep(): void {
    const now = this.#context.clock.monotonic();
    const waiting = new Set([...this.#waiting].flatMap(({ used }) => used));
    for (const [key, used] of this.#used) {
      if (used.isIdle(now) && !waiting.has(used)) this.#used.delete(key);
    }
    this.#sweepAt = Math.max(SWEEP_ABOVE, 2 * this.#used.size);
  }
}

function take(used: readonly Used[]): void {
  for (const each of used) each.open++;
}

/** By then one of theirs has ended, as far as one can tell. */
const RETRY_S = 5;
