import { acceptLoop, closeQuietly } from "./base/net/accept.ts";
import { Assets } from "./page/assets.ts";
import { systemClock } from "./base/clock.ts";
import { Door } from "./room/door.ts";
import { systemLoop } from "./base/event_loop.ts";
import { openDataDir } from "./log/data_dir.ts";
import { createEncodings } from "./wire/encodings.ts";
import { createHandler } from "./http/handler.ts";
import { firstScreenOf } from "./http/front_page.ts";
import { Page } from "./page/page.ts";
import { HttpServer } from "./http/server.ts";
import { clientKey, type LimitOptions, Limits } from "./limits/mod.ts";
import { listenTcp } from "./base/net/listen.ts";
import { type LoopDelay, LoopMonitor } from "./base/loop/monitor.ts";
import { deriveSessionKey, readSessionKey } from "./log/session_key.ts";
import { SqliteLog } from "./log/sqlite_log.ts";
import type { Rate } from "./base/rate_limit.ts";
import { type Keep, Retention } from "./log/retention.ts";
import { HeldNameTable, Registry, SignInTable } from "./registry/mod.ts";
import { HeldNames } from "./room/identity/held_names.ts";
import { Room } from "./room/room.ts";
import { Sessions } from "./room/sessions.ts";
import { SignIns } from "./room/identity/sign_ins.ts";
import { routesOf } from "./routes.ts";
import type { Services } from "./transports/services.ts";
import { tcpRoom } from "./transports/tcp.ts";
import type { EmptyLine } from "./transports/lines/conversation.ts";
import { Watchdog } from "./transports/pump/watchdog.ts";

/** What draining leaves for closing the log and the exit. */
const SPARE_MS = 500;
/** How long readers have for their `bye` before the listener goes away. */
const BYE_MS = 250;
/** A reload or a change of network is back by then. */
const GRACE_MS = 5000;

/** Who people are, and for how long that is remembered. */
export interface IdentityOptions {
  /** What signs tokens, instead of a key of the data folder's own. */
  readonly secret: string | undefined;
  /** How long a token is good for when it is not used. */
  readonly tokenLifeMs: number;
  /** How long a name belongs to somebody who has left; it is free at once where undefined. */
  readonly holdNamesMs: number | undefined;
}

export interface ServerOptions {
  readonly host: string;
  /** For HTTP and WebSocket; 0 is any that is free. */
  readonly port: number;
  /** For the TCP room; 0 is any that is free, and there is none where undefined. */
  readonly tcpPort: number | undefined;
  readonly emptyLine: EmptyLine;
  /** The folder of the history and the session key. */
  readonly data: string;
  readonly room: string;
  readonly recent: number;
  readonly rate: Rate | undefined;
  /** Renames of one person; no limit where undefined. */
  readonly renames?: Rate | undefined;
  readonly limits: LimitOptions;
  readonly identity: IdentityOptions;
  /** Addresses of proxies, whose X-Forwarded-For is believed. */
  readonly proxies?: readonly string[];
  /** Host names under which the server is reached, besides `host` and the loopback's. */
  readonly allowHosts: readonly string[];
  readonly keep: Keep;
  /** The page's files, where the caller has them already; made from static/ otherwise. */
  readonly assets?: Assets;
  /** From the wish to close to the end at the latest. */
  readonly drainMs: number;
  readonly graceMs?: number;
  readonly byeMs?: number;
  readonly report: (what: string, error?: unknown) => void;
  /** Told what kept the event loop for so long that people notice; by default `report` is. */
  readonly reportSlow?: (what: string) => void;
}

/**
 * One room with its data and its open doors. Disposing lets readers have their `bye`, ends what is
 * open, and closes the log, within `drainMs` whatever the clients do.
 */
export interface RunningServer extends AsyncDisposable {
  readonly room: Room;
  readonly limits: Limits;
  readonly http: Deno.NetAddr;
  readonly tcp: Deno.NetAddr | undefined;
  /**
   * Resolves when the page is ready, a moment after everything else is answered. Rejects with a
   * StartupError where it cannot be had.
   */
  readonly ready: Promise<void>;
  /** How late the event loop was, since the start. */
  readonly loopDelay: LoopDelay;
}

/** The page of this program: static/, bundled. */
export function loadPage(): Promise<Assets> {
  return Assets.load(new URL("../static/", import.meta.url));
}

/**
 * Opens the data, then the room, then its doors. Throws a StartupError where one of them cannot be
 * had; then nothing is left open, and nobody has been answered.
 */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const { host, port, tcpPort, emptyLine, allowHosts, report } = options;
  await using opening = new AsyncDisposableStack();
  const loop = opening.use(new LoopMonitor(systemLoop, options.reportSlow ?? report));
  const dir = opening.use(openDataDir(options.data));
  const registry = opening.use(new Registry(dir.people, loop, report));
  const log = opening.use(new SqliteLog(dir.log, loop, { mark: dir.mark, report }));
  const { secret, tokenLifeMs, holdNamesMs } = options.identity;
  const held = holdNamesMs === undefined ? undefined : new HeldNames({
    clock: systemClock,
    holdMs: holdNamesMs,
    table: new HeldNameTable(registry),
    addressKey: clientKey,
  });
  const room = opening.use(
    new Room(log, {
      name: options.room,
      recent: options.recent,
      rate: options.rate,
      renames: options.renames,
      held,
      graceMs: options.graceMs ?? GRACE_MS,
      loop,
      report,
    }),
  );
  opening.use(new Retention(log, options.keep, systemClock, report));
  const watchdog = opening.use(new Watchdog(systemClock));
  const key = secret === undefined ? await readKey() : await deriveSessionKey(secret);
  const drained = new AbortController();
  const limits = new Limits(options.limits, systemClock);
  const table = new SignInTable(registry);
  const signIns = opening.use(new SignIns({ clock: systemClock, lifeMs: tokenLifeMs, table }));
  signIns.stays = room.stays;
  const sessions = await Sessions.open(key, {
    clock: systemClock,
    lifeMs: tokenLifeMs,
    since: table.since(systemClock.now()),
    record: signIns,
  });
  const services: Services = {
    room,
    registry,
    limits,
    sessions,
    signIns,
    door: new Door(sessions),
    encodings: createEncodings(log.epoch),
    watchdog,
    dropped: drained.signal,
  };
  // Made ready while the rest is answered already: bundling takes longer than all else.
  const assets = options.assets ? Promise.resolve(options.assets) : loadPage();
  const page = opening.use(new Page(assets, firstScreenOf(room)));
  const handler = createHandler({
    routes: routesOf(services, page),
    files: { respond: (request) => page.respondFile(request) },
    sessions,
    signIns,
    limits,
    proxies: options.proxies ?? [],
    hosts: [host, ...allowHosts],
    report,
  });

  // The TCP port first: it answers nobody before both are there.
  const listener = tcpPort === undefined ? undefined : listenTcp(
    { hostname: host, port: tcpPort },
    { host: "--host", port: "--tcp-port" },
  );
  if (listener) opening.defer(() => closeQuietly(listener));
  const http = new HttpServer({ hostname: host, port }, { handler, report });
  const draining = new AbortController();
  const accepting = listener && acceptLoop(
    listener,
    (conn) => tcpRoom(conn, services, emptyLine),
    { signal: draining.signal, report },
  );

  opening.defer(async () => {
    const late = Promise.withResolvers<void>();
    using _deadline = systemClock.after(Math.max(0, options.drainMs - SPARE_MS), late.resolve);
    draining.abort();
    const stored = room.close(options.drainMs);
    await new Promise<void>((resolve) => systemClock.after(options.byeMs ?? BYE_MS, resolve));
    await Promise.race([Promise.all([stored, http.shutdown()]), late.promise]);
    drained.abort();
    await Promise.race([accepting, late.promise]);
  });
  async function readKey(): Promise<Uint8Array<ArrayBuffer>> {
    const { bytes, isNew } = await readSessionKey(dir.key);
    if (isNew && log.last > 0) {
      report(`${dir.key} was not there and is new: whoever comes back is not recognised`);
    }
    return bytes;
  }

  loop.start();
  const owned = opening.move();
  return {
    room,
    limits,
    http: http.addr,
    tcp: listener?.addr,
    ready: page.ready,
    get loopDelay() {
      return loop.delay;
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}
