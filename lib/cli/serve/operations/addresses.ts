import { hostPort } from "../../../base/net/listen.ts";
import { isLoopback } from "../../../base/net/address.ts";

/** Where a server listens. */
export interface Listening {
  readonly http: Deno.NetAddr;
  readonly tcp: Deno.NetAddr | undefined;
}

/**
 * What to open, a line each: the address that is listened on; where these are all of the machine,
 * `localhost` and then each that others may know the machine by.
 */
export function addressLines({ http, tcp }: Listening, tls: boolean): string[] {
  const hosts = hostsOf(http.hostname);
  return hosts.flatMap((host) => [
    `${tls ? "https" : "http"}://${hostPort(host, http.port)}/`,
    ...tcp ? [tcpLine(host, tcp.port, tls)] : [],
  ]);
}

function tcpLine(host: string, port: number, tls: boolean): string {
  const at = hostPort(host, port);
  return tls
    ? `tcps://${at}    openssl s_client -quiet -connect ${at}`
    : `tcp://${at}    nc ${host} ${port}`;
}

/** Who may connect, as far as the address says. */
export function openTo({ http, tcp }: Listening, hasPassword: boolean): string {
  const what = tcp ? "HTTP and TCP are" : "HTTP is";
  const password = hasPassword ? "with a password" : "without a password";
  if (isLoopback(http.hostname)) return `${what} open to this machine alone, ${password}`;
  const whom = isAny(http.hostname) ? "any address of this machine" : http.hostname;
  return `${what} open to everybody who reaches ${whom}, ${password}`;
}

function hostsOf(hostname: string): string[] {
  if (!isAny(hostname)) return [hostname];
  const family = hostname === "0.0.0.0" ? ["IPv4"] : ["IPv4", "IPv6"];
  const own = ownAddresses().filter((each) =>
    family.includes(each.family) && !isLoopback(each.address) && !/^fe80:/i.test(each.address)
  );
  return ["localhost", ...own.map(({ address }) => address)];
}

function isAny(hostname: string): boolean {
  return hostname === "0.0.0.0" || hostname === "::";
}

/** None where they may not be asked for. Afterwards they are not: nothing else needs to know them. */
function ownAddresses(): Pick<Deno.NetworkInterfaceInfo, "address" | "family">[] {
  try {
    return Deno.networkInterfaces();
  } catch {
    return []; // best effort: localhost is enough to open it here
  } finally {
    Deno.permissions.revokeSync({ name: "sys", kind: "networkInterfaces" });
  }
}
