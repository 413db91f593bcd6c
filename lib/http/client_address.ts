/**
 * Who sends a request: the peer of its connection, or, where that is a proxy we know, the rightmost
 * address in X-Forwarded-For that is no such proxy. What stands further left was written by whoever
 * sent it, and is not believed.
 */
export function clientAddress(
  headers: Headers,
  peer: Deno.NetAddr,
  proxies: readonly string[],
): Deno.NetAddr {
  if (!proxies.includes(peer.hostname)) return peer;
  const forwarded = (headers.get("x-forwarded-for") ?? "").split(",").map(addressOf);
  const hostname = forwarded.findLast((address) => !proxies.includes(address));
  return hostname ? { ...peer, hostname } : peer;
}

/** Without the port and the brackets that some proxies add. */
function addressOf(entry: string): string {
  const [, bracketed, plain = entry] = /^\[(.*)\](?::\d+)?$|^([^:]*):\d+$/.exec(entry.trim()) ?? [];
  return (bracketed ?? plain).trim();
}
