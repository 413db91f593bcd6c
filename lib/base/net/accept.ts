import { Backoff, pause } from "../backoff.ts";
import { type Clock, systemClock } from "../clock.ts";

/** Out of file descriptors, each try fails at once: fast enough to go unnoticed, slow enough to rest. */
const RETRY = { minMs: 20, maxMs: 1000 };

/** What connections come from: a `Deno.TcpListener`, or one for TLS. */
export interface Listener<C> {
  accept(): Promise<C>;
  close(): void;
}

/** The runtime gives these two of a TCP connection, and not of one with TLS. */
interface Accepted {
  close(): void;
  setNoDelay?(on: boolean): void;
  setKeepAlive?(on: boolean): void;
}

export interface AcceptOptions {
  /** Ends the loop, and closes the listener. */
  readonly signal: AbortSignal;
  /** Told when accepting begins to fail, and of what a handler threw that is no mere disconnect. */
  readonly report?: (what: string, error: unknown) => void;
  readonly clock?: Clock;
  readonly random?: () => number;
}

/**
 * Hands every connection to `handle`, and goes on when accepting fails for a while, as it does out
 * of file descriptors (where `for await` over the listener would end for good). A connection is
 * closed when its handler settles; what a handler throws ends nothing but its connection. Whether a
 * connection outlives the signal is for its handler to say.
 *
 * Resolves when the listener is closed, by the signal or otherwise, and the last handler has settled.
 */
export async function acceptLoop<C extends Accepted>(
  listener: Listener<C>,
  handle: (conn: C) => Promise<void>,
  { signal, report = () => {}, clock = systemClock, random = Math.random }: AcceptOptions,
): Promise<void> {
  const handlers = new Set<Promise<void>>();
  const backoff = new Backoff({ ...RETRY, random });
  const stop = () => closeQuietly(listener);
  signal.addEventListener("abort", stop);
  let failing = false;
  while (!signal.aborted) {
    try {
      const conn = await listener.accept();
      if (signal.aborted) {
        closeQuietly(conn);
        break;
      }
      const handler = attend(conn, handle, report).finally(() => handlers.delete(handler));
      handlers.add(handler);
      backoff.reset();
      failing = false;
    } catch (error) {
      if (signal.aborted || error instanceof Deno.errors.BadResource) break;
      // One connection was reset before it was accepted: that says nothing about the next.
      if (isDisconnect(error)) continue;
      if (!failing) report("cannot accept connections for now", error);
      failing = true;
      await pause(clock, backoff.nextMs(), signal);
    }
  }
  signal.removeEventListener("abort", stop);
  stop();
  await Promise.all(handlers);
}

async function attend<C extends Accepted>(
  conn: C,
  handle: (conn: C) => Promise<void>,
  report: (what: string, error: unknown) => void,
): Promise<void> {
  try {
    conn.setNoDelay?.(true);
    conn.setKeepAlive?.(true);
    await handle(conn);
  } catch (error) {
    if (!isDisconnect(error)) report("a connection failed", error);
  } finally {
    closeQuietly(conn);
  }
}

/** Whether an error of a connection says no more than that it has ended, by the peer or by us. */
export function isDisconnect(error: unknown): boolean {
  const { errors } = Deno;
  return [
    errors.BadResource, // closed by us
    errors.Interrupted, // closed by us while we waited
    errors.BrokenPipe,
    errors.ConnectionAborted,
    errors.ConnectionReset,
    errors.NotConnected,
    errors.TimedOut, // the keep-alive found nobody
  ].some((kind) => error instanceof kind);
}

/** Closes what may be closed already. */
export function closeQuietly(resource: { close(): void }): void {
  try {
    resource.close();
  } catch {
    // best effort: there is no other error than that it is closed
  }
}
