import { isPrefix } from "../../base/net/prefix.ts";
import { entriesOf, hopsOf } from "./forwarded.ts";
import type { Networks } from "../../base/net/networks.ts";

/** Where a request comes from, and under what address it was sent: by the client, not by a proxy. */
export interface Arrival {
  readonly address: Deno.NetAddr;
  /** `HOST` or `HOST:PORT` that was asked; a name, never checked here. */
  readonly host: string;
  /** Whether the client speaks TLS; undefined where a proxy may do it that nobody told us of. */
  readonly secure: boolean | undefined;
  /** The path under which the room lies, with a slash at both ends. */
  readonly prefix: string;
}

export interface ArrivalOptions {
  /** Those that are believed. */
  readonly proxies: Networks;
  /** The prefix of requests that have one, or come from a proxy that does not say. */
  readonly basePath: string;
}

/** The other end of a connection. */
export interface Peer {
  readonly remoteAddr: Deno.NetAddr;
  /** It speaks TLS with us. */
  readonly tls?: boolean;
}

/**
 * Reads what the proxies in front say, if we know them: the client is the rightmost address that is
 * none of them. What stands further left was written by whoever sent it, and is not believed; nor is
 * anything that a client writes which comes without a proxy. What cannot be read tells nothing: then
 * the request is the last proxy's that could be.
 */
export function arrivalOf(
  { headers, url }: { readonly headers: Headers; readonly url: URL },
  { remoteAddr: peer, tls = false }: Peer,
  { proxies, basePath }: ArrivalOptions,
): Arrival {
  // HTTP/2 has `:authority` in its place, which the runtime puts into the URL.
  const host = headers.get("host") ?? url.host;
  const underBase = basePath !== "/" && url.pathname.startsWith(basePath);
  const direct: Arrival = {
    address: peer,
    host,
    secure: tls || undefined,
    prefix: underBase ? basePath : "/",
  };
  if (!proxies.has(peer.hostname)) return direct;

  const hops = hopsOf(headers);
  let hostname = peer.hostname;
  let at = hops.length;
  while (at > 0 && proxies.has(hostname)) {
    const { from } = hops[at - 1]!;
    if (from === undefined) break;
    hostname = from;
    at--;
  }
  const hop = hops[at];
  /** Of a header that each proxy may add to, what belongs to the client's own request. */
  const told = (name: string) => {
    const entries = entriesOf(headers.get(name));
    return entries.at(Math.min(-1, at - hops.length)) ?? entries[0];
  };
  const proto = (hop?.proto ?? told("x-forwarded-proto"))?.toLowerCase();
  return {
    address: hostname === peer.hostname ? peer : { ...peer, hostname },
    host: hop?.host ?? withPort(told("x-forwarded-host"), told("x-forwarded-port")) ?? host,
    secure: tls || (proto === undefined ? undefined : proto === "https" || proto === "wss"),
    prefix: prefixOf(headers.get("x-forwarded-prefix")) ?? basePath,
  };
}

/** A proxy may tell the port by itself. */
function withPort(host: string | undefined, port: string | undefined): string | undefined {
  if (!host || !port || /:\d+$/.test(host) || !/^\d{1,5}$/.test(port)) return host || undefined;
  return `${host}:${port}`;
}

/** Undefined where it is none that a cookie may have as its path. */
function prefixOf(header: string | null): string | undefined {
  if (header === null || !isPrefix(header)) return undefined;
  return header.endsWith("/") ? header : `${header}/`;
}
