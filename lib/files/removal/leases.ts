import type { Clock } from "../../base/clock.ts";

/** From the look at a message's files until it is stored: it is stored in a turn or two, or never. */
export const LEASE_MS = 20_000;

/** A file that a message is going to have, and whose upload it was. */
export interface Lease {
  readonly file: string;
  readonly session: string;
}

/** Files of messages that are being stored, which stay until then. */
export class Leases {
  readonly #clock: Clock;
  /** The oldest first. */
  readonly #leases = new Map<string, Lease & { readonly until: number }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  take({ file, session }: Lease): void {
    const key = `${file} ${session}`;
    this.#leases.delete(key);
    this.#leases.set(key, { file, session, until: this.#clock.monotonic() + LEASE_MS });
    this.#forget();
  }

  has(file: string): boolean {
    this.#forget();
    return this.of(file).length > 0;
  }

  of(file: string): Lease[] {
    return [...this.#leases.values()].filter((lease) => lease.file === file);
  }

  /** The message is stored. */
  end({ file, session }: Lease): void {
    this.#leases.delete(`${file} ${session}`);
  }

  #forget(): void {
    const now = this.#clock.monotonic();
    for (const [key, { until }] of this.#leases) {
      if (until > now) return;
      this.#leases.delete(key);
    }
  }
}
