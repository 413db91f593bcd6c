import type { Clock } from "../../base/clock.ts";
import type { Address } from "../address.ts";
import type { Transport } from "../transport.ts";
import type { Requests } from "../requests.ts";
import type { TransportChoice } from "../connection/connection.ts";
import { overEventStream } from "./event_stream.ts";
import { overPoll } from "./poll.ts";
import type { TcpCarrier } from "./tcp.ts";
import { overWebSocket } from "./websocket.ts";

export interface RouteOptions {
  readonly clock: Clock;
  readonly credentials: "token" | "cookie";
  /** To an HTTP address. */
  readonly requests: Requests | undefined;
  /** Of the room; over HTTP it is given before. */
  readonly password: string | undefined;
  readonly tcp: TcpCarrier | undefined;
}

/** The transports in that order, as ways to the address. Throws a TypeError where one does not lead there. */
export function routesTo(
  address: Address,
  transports: readonly Transport[] = address.type === "tcp"
    ? ["tcp"]
    : ["websocket", "sse", "poll"],
  { clock, credentials, requests, password, tcp }: RouteOptions,
): readonly TransportChoice[] {
  if (transports.length === 0) throw new TypeError("wanted at least one transport");
  return transports.map((via) => {
    if (address.type === "tcp") {
      if (via === "tcp" && tcp) return { via, open: tcp(address, password) };
      throw new TypeError(via === "tcp" ? "tcp wants overTcp" : `${via} wants an HTTP address`);
    }
    switch (via) {
      case "websocket":
        return { via, open: overWebSocket(address.base, credentials, requests) };
      case "sse":
        return { via, open: overEventStream(requests!) };
      case "poll":
        return { via, open: overPoll(requests!, { clock, lurks: false }) };
      case "tcp":
        throw new TypeError("tcp wants a tcp: URL");
    }
  });
}

/** For somebody who only reads. Throws a TypeError where there is no HTTP address. */
export function lurkingRoutes({ clock, requests }: RouteOptions): readonly TransportChoice[] {
  if (!requests) throw new TypeError("only to read wants an HTTP address");
  return [{ via: "poll", open: overPoll(requests, { clock, lurks: true }) }];
}
