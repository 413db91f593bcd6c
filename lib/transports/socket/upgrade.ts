import type { Exchange } from "../../http/exchange.ts";
import { refusalResponse } from "../../http/respond.ts";
import type { Allowance, Holder, Limits } from "../../limits/mod.ts";
import { countPongs } from "./pongs.ts";
import { Refusal } from "../../model/refusal.ts";

/** The runtime pings a silent peer and closes after this many seconds without an answer. */
const IDLE_S = 30;

export interface Upgraded {
  readonly socket: WebSocket;
  readonly response: Response;
  /** Held until the socket has closed, which a peer that does not answer the close can put off. */
  readonly allowance: Allowance;
}

/**
 * Upgrades a request that RFC 6455, section 4.2.1, allows to be upgraded; Deno itself would answer
 * 101 to others too. Otherwise returns the response that says what was wrong. Throws a Refusal where
 * there are too many connections.
 */
export function upgrade(
  { request, address }: Pick<Exchange, "request" | "address">,
  limits: Limits,
  holder: Holder,
  protocol?: string,
): Upgraded | Response {
  const { headers } = request;
  if (headers.get("upgrade")?.toLowerCase() !== "websocket") {
    return upgradeRequired("this address speaks WebSocket");
  }
  // Between commas and nowhere else: of what else has the word in it the runtime makes an error.
  const options = (headers.get("connection") ?? "").toLowerCase().split(",").map((o) => o.trim());
  if (!options.includes("upgrade")) {
    return refusalResponse(new Refusal("bad_request", "wanted Connection: Upgrade"));
  }
  if (headers.get("sec-websocket-version") !== "13") {
    return upgradeRequired("wanted Sec-WebSocket-Version: 13");
  }
  if (!/^[A-Za-z0-9+/]{22}==$/.test(headers.get("sec-websocket-key") ?? "")) {
    return refusalResponse(
      new Refusal("bad_request", "Sec-WebSocket-Key must be 16 bytes in base64"),
    );
  }
  const offered = (headers.get("sec-websocket-protocol") ?? "").split(",").map((p) => p.trim());
  const chosen = protocol !== undefined && offered.includes(protocol) ? { protocol } : {};
  const allowance = limits.connect(address.hostname, holder);
  try {
    const upgraded = Deno.upgradeWebSocket(request, { ...chosen, idleTimeout: IDLE_S });
    // A connection that is reset before it is answered never opens, and the runtime does not say so.
    const opened = limits.awaitOpen(allowance);
    countPongs(upgraded.socket, allowance);
    upgraded.socket.addEventListener("open", opened, { once: true });
    upgraded.socket.addEventListener("close", () => allowance[Symbol.dispose](), { once: true });
    return { ...upgraded, allowance };
  } catch (error) {
    allowance[Symbol.dispose]();
    throw error;
  }
}

/** RFC 9110, section 15.5.22, and RFC 6455, section 4.4: the answer says to what, and which version. */
function upgradeRequired(message: string): Response {
  const response = refusalResponse(new Refusal("bad_request", message), 426);
  response.headers.set("connection", "Upgrade");
  response.headers.set("upgrade", "websocket");
  response.headers.set("sec-websocket-version", "13");
  return response;
}
