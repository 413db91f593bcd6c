import { isIP } from "node:net";

/** More than any chain of proxies writes; what stands further left is the client's own. */
const CHARACTERS = 2048;

/** What one proxy tells of the request that it was sent. */
export interface Hop {
  /** Who sent it; undefined where that is no IP address, but hidden, unknown or garbage. */
  readonly from: string | undefined;
  readonly proto: string | undefined;
  readonly host: string | undefined;
}

/**
 * What the proxies have written into a request, the nearest last. `X-Forwarded-For` counts where it is
 * there, else `Forwarded` (RFC 7239): a proxy writes one of them, and passes on the other as it came.
 */
export function hopsOf(headers: Headers): Hop[] {
  const addresses = headers.get("x-forwarded-for");
  if (addresses === null) return entriesOf(headers.get("forwarded")).map(forwardedHop);
  return entriesOf(addresses).map((entry) => ({
    from: addressOf(entry),
    proto: undefined,
    host: undefined,
  }));
}

/** The entries of a list. Commas in quotes are none that a proxy writes, and split all the same. */
export function entriesOf(list: string | null): string[] {
  if (list === null || list.trim() === "") return [];
  const entries = list.slice(-CHARACTERS).split(",").map((entry) => entry.trim());
  return list.length > CHARACTERS ? entries.slice(1) : entries;
}

/** `for=192.0.2.1;proto=https`, or `for="[2001:db8::1]:4711"` with its quotes. */
function forwardedHop(element: string): Hop {
  const pairs = new Map(
    element.split(";").map((pair) => {
      const [, name = "", quoted, plain = ""] = /^\s*([\w-]+)=(?:"(.*)"|(\S*))\s*$/.exec(pair) ??
        [];
      return [name.toLowerCase(), quoted?.replace(/\\(.)/g, "$1") ?? plain];
    }),
  );
  return {
    from: addressOf(pairs.get("for") ?? ""),
    proto: pairs.get("proto"),
    host: pairs.get("host"),
  };
}

/** Without the port, and the brackets of IPv6. A zone means nothing on another machine. */
function addressOf(entry: string): string | undefined {
  const [, bracketed, plain] = /^(?:\[([^\]]*)\](?::\w+)?|([^:]*):\w+)$/.exec(entry) ?? [];
  const address = bracketed ?? plain ?? entry;
  if (bracketed !== undefined && isIP(address) !== 6) return undefined;
  return isIP(address) === 0 || address.includes("%") ? undefined : address.toLowerCase();
}
