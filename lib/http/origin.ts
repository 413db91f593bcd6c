import { Refusal } from "../model/refusal.ts";
import { refusalResponse } from "./respond.ts";

/**
 * A response where the request names a host that we are not: a foreign name that was made to resolve
 * to an address of ours (DNS rebinding) would otherwise read the room as its own origin. An IP address
 * is no name that could be made to resolve to something else.
 */
export function checkHost(request: Request, hosts: readonly string[]): Response | undefined {
  const host = request.headers.get("host");
  if (host === null) {
    return refusalResponse(new Refusal("bad_request", "wanted a Host header"));
  }
  const name = host.toLowerCase().replace(/:\d*$/, "");
  if (hosts.includes("*") || hosts.includes(name) || isLocalhost(name) || isAddress(name)) {
    return undefined;
  }
  return refusalResponse(
    new Refusal(
      "bad_request",
      `this server is not known as "${
        name.slice(0, 253)
      }"; its operator can allow it by --allow-host`,
    ),
    421,
  );
}

function isLocalhost(name: string): boolean {
  return name === "localhost" || name.endsWith(".localhost");
}

/** IPv6 in brackets, as a Host header has it (RFC 3986, section 3.2.2). */
function isAddress(name: string): boolean {
  if (/^\d{1,3}(\.\d{1,3}){3}$/.test(name)) return name.split(".").every((part) => +part <= 255);
  return /^\[[\da-f:.]+\]$/.test(name) && URL.canParse(`http://${name}/`);
}

/**
 * Throws a Refusal where a page of another site is behind the request. Browsers always name the
 * origin on WebSocket and POST, and where they do not the cookie stays away (SameSite=Strict); who
 * names none is no browser.
 */
export function checkOrigin(request: Request): void {
  const origin = request.headers.get("origin");
  const host = request.headers.get("host");
  if (origin === null) return;
  // A form of our own page names the origin "null", since our pages never tell where somebody comes
  // from (Referrer-Policy); then this header says it, which no page can set.
  if (request.headers.get("sec-fetch-site") === "same-origin") return;
  if (host !== null && URL.parse(origin)?.host === host.toLowerCase()) return;
  throw new Refusal("forbidden", "pages of another origin may not use this room");
}
