import { isLoopback, plainAddress } from "../base/net/address.ts";
import type { Handler } from "../http/exchange.ts";
import { Refusal } from "../model/refusal.ts";
import type { Figures, Sources } from "./sources.ts";

/** Headers by which proxies tell for whom they ask. */
const PASSED_ON = ["forwarded", "x-forwarded-for", "x-real-ip", "via"];

/**
 * GET /metrics: for this machine and for the addresses that are allowed, by the connection's own
 * address: a header says what anybody likes. What a proxy passes on is not for its own machine, and
 * is allowed only where everybody is.
 */
export function getMetrics(
  sources: Sources,
  allowed: readonly string[] | "all",
  load: (sources: Sources) => Promise<Figures> = loadFigures,
): Handler {
  const addresses = allowed === "all" ? [] : allowed.map(plainAddress);
  let figures: Promise<Figures> | undefined;
  return async ({ request, peer }) => {
    if (allowed !== "all") {
      const address = plainAddress(peer.hostname);
      const passedOn = PASSED_ON.some((name) => request.headers.has(name));
      if (passedOn || !(isLoopback(address) || addresses.includes(address))) {
        throw new Refusal("forbidden", "the figures are for this machine and --metrics-allow");
      }
    }
    const loaded = await (figures ??= load(sources));
    return new Response(await loaded.text(), {
      headers: { "content-type": loaded.contentType, "cache-control": "no-store" },
    });
  };
}

/** When somebody asks for the first time: the library takes 50 ms to load, and 12 MB. */
async function loadFigures(sources: Sources): Promise<Figures> {
  const { Metrics } = await import("./metrics.ts");
  return new Metrics(sources);
}
