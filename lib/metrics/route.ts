import { isLoopback, plainAddress } from "../base/net/address.ts";
import type { Handler } from "../http/exchange.ts";
import { Refusal } from "../model/refusal.ts";
import type { Metrics } from "./metrics.ts";

/** Headers by which proxies tell for whom they ask. */
const PASSED_ON = ["forwarded", "x-forwarded-for", "x-real-ip", "via"];

/**
 * GET /metrics: for this machine and for the addresses that are allowed, by the connection's own
 * address: a header says what anybody likes. What a proxy passes on is not for its own machine, and
 * is allowed only where everybody is.
 */
export function getMetrics(metrics: Metrics, allowed: readonly string[] | "all"): Handler {
  const addresses = allowed === "all" ? [] : allowed.map(plainAddress);
  return async ({ request, peer }) => {
    if (allowed !== "all") {
      const address = plainAddress(peer.hostname);
      const passedOn = PASSED_ON.some((name) => request.headers.has(name));
      if (passedOn || !(isLoopback(address) || addresses.includes(address))) {
        throw new Refusal("forbidden", "the figures are for this machine and --metrics-allow");
      }
    }
    return new Response(await metrics.text(), {
      headers: { "content-type": metrics.contentType, "cache-control": "no-store" },
    });
  };
}
