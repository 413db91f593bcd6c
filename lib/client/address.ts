/** The port of the line protocol, where a tcp:// URL names none. */
const ROOM_PORT = 9999;

/** Where a room is: its HTTP addresses, or its TCP port. */
export type Address =
  | { readonly type: "http"; readonly base: URL }
  | {
    readonly type: "tcp";
    readonly hostname: string;
    readonly port: number;
    readonly tls: boolean;
  };

/**
 * Reads http:, https:, ws:, wss:, tcp: and tcps: URLs. Behind a proxy a room may begin under a path; `/ws` and
 * `/events` themselves may be named. Throws a TypeError for any other.
 */
export function parseAddress(raw: string | URL): Address {
  const url = URL.parse(raw);
  if (!url?.hostname) throw new TypeError(`"${raw}" is no URL of a room`);
  if (url.protocol === "tcp:" || url.protocol === "tcps:") {
    const hostname = url.hostname.replace(/^\[|\]$/g, "");
    const tls = url.protocol === "tcps:";
    return { type: "tcp", hostname, port: Number(url.port || ROOM_PORT), tls };
  }
  const secure = /^(?:http|ws)(s?):$/.exec(url.protocol)?.[1];
  if (secure === undefined) {
    throw new TypeError(`"${raw}": wanted http:, ws: or tcp:, or one of them with TLS`);
  }
  const path = url.pathname.replace(/\/(?:ws|events)?$/, "") + "/";
  return { type: "http", base: new URL(`http${secure}://${url.host}${path}`) };
}

/** Below the base, with what is defined of the query. */
export function addressOf(
  base: URL,
  path: string,
  query: Readonly<Record<string, string | number | undefined>>,
): URL {
  const url = new URL(path, base);
  for (const [key, value] of Object.entries(query)) {
    if (value !== undefined) url.searchParams.set(key, String(value));
  }
  return url;
}
