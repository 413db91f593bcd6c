import type { Clock } from "../../base/clock.ts";

/** What a client may say has stayed silent, and what it most likely was. */
const CAUSES: Readonly<Record<string, string>> = {
  websocket: "passes the upgrade on and then nothing (a filter of content, an old balancer)",
  sse: "gathers the answers of /events before it passes them on (nginx: proxy_buffering off)",
};
const REPORT_MS = 60_000;

/**
 * Tells the operator, at most once a minute, that a client came by another transport since the one
 * before was opened and stayed silent: from here the two look alike.
 */
export class Silence {
  readonly #clock: Clock;
  readonly #report: (what: string) => void;
  #until = -Infinity;
  #more = 0;

  constructor(clock: Clock, report: (what: string) => void) {
    this.#clock = clock;
    this.#report = report;
  }

  /** `address`: of the client, as far as it is known. */
  heard(headers: Headers, address: string): void {
    const silent = headers.get("x-partyline-silent");
    if (silent === null || !Object.hasOwn(CAUSES, silent)) return;
    const now = this.#clock.monotonic();
    if (now < this.#until) {
      this.#more++;
      return;
    }
    this.#until = now + REPORT_MS;
    const others = this.#more === 0 ? "" : `, and ${this.#more} others did since the last report`;
    this.#more = 0;
    this.#report(
      `a client at ${address} gave up ${silent}, which stayed silent, for another transport` +
        `${others}: a proxy between ${CAUSES[silent]}`,
    );
  }
}
