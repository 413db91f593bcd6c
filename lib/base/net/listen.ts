import { StartupError } from "../startup_error.ts";

/** The flags that set an address. */
export interface ListenFlags {
  readonly host: string;
  readonly port: string;
}

/**
 * Listens for TCP. Throws a StartupError that says what to do where the address cannot be had;
 * `flags` are those that set it.
 */
export function listenTcp(
  address: { readonly hostname: string; readonly port: number },
  flags: ListenFlags,
): Deno.TcpListener {
  try {
    return Deno.listen(address);
  } catch (error) {
    throw cannotListen(error, address, flags);
  }
}

/** What to tell of an error of `Deno.listen` or `Deno.serve`: a StartupError, where it is one of these. */
export function cannotListen(
  error: unknown,
  { hostname, port }: { readonly hostname: string; readonly port: number },
  flags: ListenFlags,
): unknown {
  const { errors } = Deno;
  const cannot = (why: string) =>
    new StartupError(`cannot listen on ${hostPort(hostname, port)}: ${why}`, { cause: error });
  if (error instanceof errors.AddrInUse) {
    return cannot(
      `the port is in use; choose another with ${flags.port}, or 0 for any that is free`,
    );
  }
  if (error instanceof errors.PermissionDenied) {
    return cannot(`only root may use this port; choose one from 1024 up with ${flags.port}`);
  }
  if (error instanceof errors.AddrNotAvailable) {
    return cannot(`this machine does not have that address; choose another with ${flags.host}`);
  }
  if (error instanceof Error && /lookup address|name or service/i.test(error.message)) {
    return cannot(`no such host; choose another with ${flags.host}`);
  }
  return error;
}

/** `HOST:PORT`, with brackets around an IPv6 address. */
export function hostPort(hostname: string, port: number): string {
  return hostname.includes(":") ? `[${hostname}]:${port}` : `${hostname}:${port}`;
}
