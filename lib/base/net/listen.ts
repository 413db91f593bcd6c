import { StartupError } from "../startup_error.ts";

/** Where to listen. */
export interface ListenAddress {
  readonly hostname: string;
  /** 0 is any that is free. */
  readonly port: number;
  /**
   * Others of the same user may listen there too who say the same (SO_REUSEPORT): the system gives each
   * new connection to one of them. Only Linux spreads them evenly.
   */
  readonly reusePort?: boolean | undefined;
}

/** The flags that set an address. */
export interface ListenFlags {
  readonly host: string;
  readonly port: string;
}

/**
 * Listens for TCP. Throws a StartupError that says what to do where the address cannot be had;
 * `flags` are those that set it.
 */
export function listenTcp(address: ListenAddress, flags: ListenFlags): Deno.TcpListener {
  try {
    return Deno.listen(listenOptions(address));
  } catch (error) {
    throw cannotListen(error, address, flags);
  }
}

/**
 * What the runtime is given. Throws a StartupError where it would end the process, since it lets nobody
 * share a port without its flag, which deno.json has.
 */
export function listenOptions(
  { hostname, port, reusePort = false }: ListenAddress,
): { readonly hostname: string; readonly port: number; readonly reusePort?: true } {
  if (!reusePort) return { hostname, port };
  if ("listenDatagram" in Deno) return { hostname, port, reusePort };
  throw new StartupError(
    `cannot share ${hostPort(hostname, port)}: Deno wants --unstable-net for it; start by ` +
      "deno task start, which has it",
  );
}

/** What to tell of an error of `Deno.listen` or `Deno.serve`: a StartupError, where it is one of these. */
export function cannotListen(
  error: unknown,
  { hostname, port }: ListenAddress,
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
