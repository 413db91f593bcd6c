import { Refusal } from "../../model/refusal.ts";
import { refusalResponse } from "../respond.ts";

/**
 * A response where the request names a host that we are not: a foreign name that was made to resolve
 * to an address of ours (DNS rebinding) would otherwise read the room as its own origin. An IP address
 * is no name that could be made to resolve to something else. `hosts` may have ports, which do not
 * count here.
 */
export function checkHost(host: string, hosts: readonly string[]): Response | undefined {
  const name = withoutPort(host.toLowerCase());
  const known = hosts.some((allowed) => allowed === "*" || withoutPort(allowed) === name);
  if (known || isLocalhost(name) || isAddress(name)) return undefined;
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

/** An IPv6 address without brackets has none. */
function withoutPort(host: string): string {
  return host.replace(/^([^:]*|\[.*\]):\d*$/, "$1");
}

function isLocalhost(name: string): boolean {
  return name === "localhost" || name.endsWith(".localhost");
}

/** IPv6 in brackets, as a Host header has it (RFC 3986, section 3.2.2). */
function isAddress(name: string): boolean {
  if (/^\d{1,3}(\.\d{1,3}){3}$/.test(name)) return name.split(".").every((part) => +part <= 255);
  return /^\[[\da-f:.]+\]$/.test(name) && URL.canParse(`http://${name}/`);
}
