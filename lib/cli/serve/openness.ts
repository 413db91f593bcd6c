import { isLoopback } from "../../base/net/address.ts";

/**
 * What it means to listen there, where that is more than meets the eye: others can connect and nothing
 * keeps them out. Undefined otherwise.
 */
export function opennessWarning(
  { host, password }: { readonly host: string; readonly password: string | undefined },
): string | undefined {
  if (password !== undefined || host.toLowerCase() === "localhost") return undefined;
  if (isLoopback(host)) return undefined;
  return `--host ${host} without a password: whoever can reach this machine can read and write here; ` +
    "--password-file FILE asks for one";
}
