import type { Clock } from "../base/clock.ts";
import { Bucket, type Rate } from "../base/rate_limit.ts";
import { rateLimited, Refusal, unavailable } from "../model/refusal.ts";
import { Address } from "./address.ts";
import { Allowance } from "./allowance.ts";
import { type UploadAllowance, type UploadOptions, Uploads } from "./uploads.ts";
import { type Holder, type LimitCounts, type Limited, noCounts } from "./counts.ts";

/** How much clients may send. A rate that is undefined, and a number that is Infinity, limit nothing. */
export interface LimitOptions extends UploadOptions {
  /** Frames or lines of one connection; see `frameCost`. */
  readonly frames: Rate | undefined;
  /** The same of all connections of an address. */
  readonly addressFrames: Rate | undefined;
  /** `/since`, of one connection. */
  readonly seeks: Rate | undefined;
  /** HTTP requests of an address, of whatever kind. */
  readonly requests: Rate | undefined;
  /** Of these, those that read the log or render it; and `/since`. */
  readonly reads: Rate | undefined;
  /** New connections of an address that stay open: TCP, WebSocket, streams. */
  readonly connects: Rate | undefined;
  /** Wrong passwords from an address. */
  readonly attempts: Rate | undefined;
  /** Connections of an address at a time. */
  readonly addressConnections: number;
  /** Connections at a time. */
  readonly connections: number;
  /** How long a request's body may take. */
  readonly bodyMs: number;
}

/** For measurements, and for tests of other things. */
export const NO_LIMITS: LimitOptions = {
  frames: undefined,
  addressFrames: undefined,
  seeks: undefined,
  requests: undefined,
  reads: undefined,
  connects: undefined,
  attempts: undefined,
  addressConnections: Infinity,
  connections: Infinity,
  uploads: Infinity,
  uploadBytes: undefined,
  bodyMs: 600_000,
};

/** One in 15 s is asked for. */
const PONGS: Rate = { perSecond: 10, burst: 100 };
/** When it may be tried again where connections must be closed first. */
const FULL_RETRY_S = 10;
/** A connection that has not opened by then never will. */
const OPEN_MS = 10_000;
/** Above this many addresses, those that tell nothing any more are forgotten. */
const SWEEP_ABOVE = 1000;

/**
 * What clients may send and hold open, by connection and by address: the one place where it is counted.
 * Made once by the composition. An address is what `clientKey` makes of it.
 */
export class Limits {
  readonly #options: LimitOptions;
  readonly #clock: Clock;
  readonly #addresses = new Map<string, Address>();
  /** Until when those that have not opened yet are waited for, the oldest first. */
  readonly #opening = new Map<Allowance, number>();
  /** To be read; counted here. */
  readonly counts: LimitCounts = noCounts();
  readonly #onLimited: (kind: Limited, address: string) => void;
  readonly #uploads: Uploads;
  #open = 0;
  #sweepAt = SWEEP_ABOVE;

  /** `onLimited` is told each time that somebody meets a limit: of a flood, many times a second. */
  constructor(
    options: LimitOptions,
    clock: Clock,
    onLimited: (kind: Limited, address: string) => void = () => {},
  ) {
    this.#options = options;
    this.#clock = clock;
    this.#onLimited = onLimited;
    this.#uploads = new Uploads(options, {
      clock,
      waitMs: () => options.bodyMs,
      onLimited: (kind, address) => this.note(kind, address),
    });
  }

  /** How many connections are held open now. */
  get open(): number {
    return this.#open;
  }

  get bodyMs(): number {
    return this.#options.bodyMs;
  }

  /** Counts a request. Throws a Refusal, `rate_limited`. */
  request(hostname: string): void {
    this.counts.requests++;
    if (this.#options.requests) {
      const { requests } = this.#address(hostname);
      this.#take(requests, "requests", hostname, "too many requests from your address");
    }
  }

  /** Counts what reads the log. Throws a Refusal, `rate_limited`. */
  read(hostname: string): void {
    if (this.#options.reads) this.#read(this.#address(hostname), hostname);
  }

  /** Counts an attempt to give the password. Throws a Refusal, `rate_limited`. Returns what takes it back. */
  attempt(hostname: string): () => void {
    const { attempts } = this.#address(hostname);
    this.#take(attempts, "passwords", hostname, "too many wrong passwords from your address");
    return () => attempts?.giveBack();
  }

  /**
   * Counts a new connection, and holds it open until the allowance is disposed. Throws a Refusal:
   * `rate_limited`, or `unavailable` where there are too many in all.
   */
  connect(hostname: string, holder: Holder): Allowance {
    const address = this.#address(hostname);
    this.#checkRoom(address, hostname);
    this.#take(
      address.connects,
      "connects",
      hostname,
      "too many new connections from your address",
    );
    const release = this.#hold(address, holder);
    const { frames, seeks } = this.#options;
    const seekBucket = seeks && new Bucket(seeks);
    return new Allowance({
      clock: this.#clock,
      frames: frames && new Bucket(frames),
      heard: frames && new Bucket({
        perSecond: frames.perSecond + PONGS.perSecond,
        burst: frames.burst + PONGS.burst,
      }),
      address: address.frames,
      seek: () => {
        this.#take(seekBucket, "seeks", hostname, "too many /since");
        this.#read(address, hostname);
      },
      onCut: (kind) => this.note(kind, hostname),
      release,
    });
  }

  /**
   * Says that the connection is not open yet. Where what is returned is not called within 10 s, the
   * allowance is disposed before the next connection is counted.
   */
  awaitOpen(allowance: Allowance): () => void {
    this.#opening.set(allowance, this.#clock.monotonic() + OPEN_MS);
    return () => void this.#opening.delete(allowance);
  }

  /** Holds open what is no new connection: a request that waits. Throws as `connect`, but for the rate. */
  hold(hostname: string, holder: Holder): Disposable {
    const address = this.#address(hostname);
    this.#checkRoom(address, hostname);
    return { [Symbol.dispose]: this.#hold(address, holder) };
  }

  /**
   * Counts an upload, until what this resolves with is disposed; it waits for its turn where somebody
   * has as many under way as they may. Rejects with a Refusal, `rate_limited`.
   */
  upload(
    hostname: string,
    { session, announced }: { readonly session: string | undefined; readonly announced: number },
  ): Promise<UploadAllowance> {
    return this.#uploads.begin({ address: hostname, key: clientKey(hostname), session, announced });
  }

  /** Counts that somebody met a limit, where it is not found here. */
  note(kind: Limited, hostname: string): void {
    this.counts.limited[kind]++;
    this.#onLimited(kind, clientKey(hostname));
  }

  #address(hostname: string): Address {
    const key = clientKey(hostname);
    const known = this.#addresses.get(key);
    if (known) return known;
    if (this.#addresses.size >= this.#sweepAt) this.#sweep();
    const address = new Address(this.#options);
    this.#addresses.set(key, address);
    return address;
  }

  #read({ reads }: Address, hostname: string): void {
    this.#take(
      reads,
      "reads",
      hostname,
      "too many searches and pages of history from your address",
    );
  }

  #take(bucket: Bucket | undefined, kind: Limited, hostname: string, what: string): void {
    if (!bucket) return;
    const used = bucket.take(this.#clock.monotonic());
    if (used <= 1) return;
    this.note(kind, hostname);
    throw rateLimited(bucket.waitMs(used), what);
  }

  #checkRoom(address: Address, hostname: string): void {
    this.#giveUpUnopened();
    const { connections, addressConnections } = this.#options;
    if (address.open >= addressConnections) {
      this.note("address_connections", hostname);
      throw new Refusal(
        "rate_limited",
        `your address has ${addressConnections} connections open, which is all it may; close some`,
        { retryAfter: FULL_RETRY_S },
      );
    }
    if (this.#open >= connections) {
      this.note("connections", hostname);
      throw unavailable("the server is full", FULL_RETRY_S);
    }
  }

  #giveUpUnopened(): void {
    const now = this.#clock.monotonic();
    for (const [allowance, until] of this.#opening) {
      if (until > now) break;
      this.#opening.delete(allowance);
      allowance[Symbol.dispose]();
    }
  }

  /** Returns what gives it back, once. */
  #hold(address: Address, holder: Holder): () => void {
    this.#open++;
    this.counts.held[holder]++;
    address.open++;
    let held = true;
    return () => {
      if (!held) return;
      held = false;
      this.#open--;
      this.counts.held[holder]--;
      address.open--;
    };
  }

  #sweep(): void {
    const now = this.#clock.monotonic();
    for (const [key, address] of this.#addresses) {
      if (address.isIdle(now)) this.#addresses.delete(key);
    }
    this.#sweepAt = Math.max(SWEEP_ABOVE, 2 * this.#addresses.size);
  }
}

/**
 * Whom an address stands for: an IPv4 address for itself, an IPv6 address for its /64, which is what
 * one customer gets (RFC 6177) and may choose freely from.
 */
export function clientKey(hostname: string): string {
  if (!hostname.includes(":")) return hostname;
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(hostname);
  if (mapped) return mapped[1]!;
  const [head = "", tail] = hostname.toLowerCase().split("%", 1)[0]!.split("::");
  const before = head === "" ? [] : head.split(":");
  const after = tail ? tail.split(":") : [];
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - before.length - after.length);
  const groups = [...before, ...Array<string>(zeros).fill("0"), ...after];
  return `${groups.slice(0, 4).map((group) => group.replace(/^0+(?=.)/, "")).join(":")}::/64`;
}
