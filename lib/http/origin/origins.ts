import { Refusal } from "../../model/refusal.ts";
import type { Arrival } from "../proxy/arrival.ts";
import { share } from "./cors.ts";

/** So many refused origins are told of, once each: others may ask as often as they like. */
const REPORTS = 10;

/** Whose page is behind a request: our own (or none, but a program), or one that was allowed. */
export type Page = "own" | "allowed";

export interface OriginsOptions {
  /** Of other pages that may use the room, as a browser writes them; `*` allows any. */
  readonly allowed: readonly string[];
  /** Names of ours: those with a port are where our page is, whatever the request says. */
  readonly hosts: readonly string[];
  /** Told of pages that were refused, and what would let them in: one may be our own, behind a proxy. */
  readonly report: (what: string) => void;
}

/** Tells the pages of other origins from our own, by what browsers say: no page can make them lie. */
export class Origins {
  readonly #options: OriginsOptions;
  readonly #reported = new Set<string>();

  constructor(options: OriginsOptions) {
    this.#options = options;
  }

  /**
   * Throws a Refusal where a page of another site is behind the request. Browsers always name the
   * origin on WebSocket and POST, and where they do not the cookie stays away (SameSite=Strict); who
   * names none is no browser.
   */
  of(headers: Headers, arrival: Pick<Arrival, "host" | "secure">): Page {
    const origin = headers.get("origin");
    if (origin === null) return "own";
    // A form of our own page names the origin "null", since our pages never tell where somebody comes
    // from (Referrer-Policy); then this header says it, which no page can set.
    if (headers.get("sec-fetch-site") === "same-origin") return "own";
    const url = URL.parse(origin);
    if (url && this.#isOurs(url, arrival)) return "own";
    if (this.#allows(origin)) return "allowed";
    if (url?.hostname) this.#explain(url, arrival);
    throw new Refusal("forbidden", "pages of another origin may not use this room");
  }

  /** Whether a browser asks beforehand, for a page that was allowed. */
  asks({ headers }: Request): boolean {
    return headers.has("access-control-request-method") &&
      this.#allows(headers.get("origin") ?? "");
  }

  /** Lets a page that was allowed read the response; returns it. */
  share({ headers }: Request, response: Response): Response {
    const { allowed } = this.#options;
    // A WebSocket is shared by being upgraded.
    if (allowed.length === 0 || response.status === 101) return response;
    const origin = headers.get("origin") ?? "";
    response.headers.append("vary", "Origin");
    if (this.#allows(origin)) share(response, allowed.includes("*") ? "*" : origin);
    return response;
  }

  #allows(origin: string): boolean {
    const { allowed } = this.#options;
    return origin !== "" && (allowed.includes("*") || allowed.includes(origin.toLowerCase()));
  }

  /**
   * Scheme, host and port: cookies are shared by all ports of a host, so what runs on another port is
   * as foreign as any. A page over https is ours also where no proxy says that it does TLS.
   */
  #isOurs(url: URL, { host, secure }: Pick<Arrival, "host" | "secure">): boolean {
    if (secure && url.protocol !== "https:") return false;
    const isHere = (ours: string) => url.host === URL.parse(`${url.protocol}//${ours}`)?.host;
    return isHere(host) || this.#options.hosts.some((ours) => /:\d+$/.test(ours) && isHere(ours));
  }

  #explain({ origin, protocol, hostname, port }: URL, { host }: Pick<Arrival, "host">): void {
    if (this.#reported.has(origin) || this.#reported.size >= REPORTS) return;
    this.#reported.add(origin);
    const at = `${hostname}:${port || (protocol === "https:" ? 443 : 80)}`;
    this.#options.report(
      `a page of ${origin} was refused, since its request was for ${
        JSON.stringify(host.slice(0, 253))
      }: if it is this room's own, have the proxy pass Host as it came (nginx: $http_host), ` +
        `or start with --allow-host ${at}; if it is another that may come in, ` +
        `with --allow-origin ${origin}`,
    );
  }
}
