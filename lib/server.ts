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
import { HttpsServer } from "./http/https_server.ts";
import { Networks } from "./base/net/networks.ts";
import { type CertificateFiles, readCertificate } from "./base/net/tls/certificate.ts";
import { Renewal } from "./base/net/tls/renewal.ts";
import { Origins } from "./http/origin/origins.ts";
import { Silence } from "./http/proxy/silence.ts";
import { type LimitOptions, Limits } from "./limits/mod.ts";
import { type LoopDelay, LoopMonitor } from "./base/loop/monitor.ts";
import { readSessionKey } from "./log/session_key.ts";
import { SqliteLog } from "./log/sqlite_log.ts";
import type { Rate } from "./base/rate_limit.ts";
import { type Keep, Retention } from "./log/retention.ts";
import { Registry } from "./registry/mod.ts";
import { Room } from "./room/room.ts";
import { Sessions } from "./room/sessions.ts";
import { routesOf } from "./routes.ts";
import type { Services } from "./transports/services.ts";
import { TcpPort } from "./transports/tcp_port.ts";
import type { EmptyLine } from "./transports/lines/conversation.ts";
import { Watchdog } from "./transports/pump/watchdog.ts";

/** What draining leaves for closing the log and the exit. */
const SPARE_MS = 500;
/** How long readers have for their `bye` before the listener goes away. */
const BYE_MS = 250;
/** A reload or a change of network is back by then. */
const GRACE_MS = 5000;

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
  readonly network?: NetworkOptions;
  /** Host names under which the server is reached, besides `host` and the loopback's; some with a port. */
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

/** How the server is reached by others than its own page and programs. */
export interface NetworkOptions {
  /** Origins whose pages may use the room with tokens; `*` is any. */
  readonly allowOrigins?: readonly string[];
  /** Proxies, whose X-Forwarded-For and the like are believed; see `Networks`. */
  readonly proxies?: readonly string[];
  /** The path that a proxy has the room under, with a slash at both ends. */
  readonly basePath?: string;
  /** Speaks TLS on all ports, and nothing else. */
  readonly tls?: CertificateFiles | undefined;
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
  /** Looks now whether there is a new certificate, instead of some time later. */
  renewCertificate(): void;
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
  const { host, port, tcpPort, emptyLine, allowHosts, report, network = {} } = options;
  await using opening = new AsyncDisposableStack();
  const loop = opening.use(new LoopMonitor(systemLoop, options.reportSlow ?? report));
  const dir = opening.use(openDataDir(options.data));
  const registry = opening.use(new Registry(dir.people, loop, report));
  const log = opening.use(new SqliteLog(dir.log, loop, { mark: dir.mark, report }));
  const room = opening.use(
    new Room(log, {
      name: options.room,
      recent: options.recent,
      rate: options.rate,
      renames: options.renames,
      graceMs: options.graceMs ?? GRACE_MS,
      loop,
      report,
    }),
  );
  opening.use(new Retention(log, options.keep, systemClock, report));
  const watchdog = opening.use(new Watchdog(systemClock));
  const key = await readSessionKey(dir.key);
  if (key.isNew && log.last > 0) {
    report(`${dir.key} was not there and is new: whoever comes back is not recognised`);
  }
  const drained = new AbortController();
  const limits = new Limits(options.limits, systemClock);
  const sessions = await Sessions.open(key.bytes);
  const services: Services = {
    room,
    registry,
    limits,
    sessions,
    door: new Door(sessions),
    encodings: createEncodings(log.epoch),
    watchdog,
    dropped: drained.signal,
  };
  // Made ready while the rest is answered already: bundling takes longer than all else.
  const assets = options.assets ? Promise.resolve(options.assets) : loadPage();
  const page = opening.use(new Page(assets, firstScreenOf(room)));
  const hosts = [host, ...allowHosts];
  const handler = createHandler({
    routes: routesOf(services, page),
    files: { respond: (request, path) => page.respondFile(request, path) },
    sessions,
    limits,
    arrival: { proxies: new Networks(network.proxies ?? []), basePath: network.basePath ?? "/" },
    hosts,
    origins: new Origins({ allowed: network.allowOrigins ?? [], hosts, report }),
    silence: new Silence(systemClock, report),
    report,
  });

  const certificate = network.tls && readCertificate(network.tls);
  // The TCP port first: it answers nobody before both are there.
  const tcp = tcpPort === undefined ? undefined : opening.use(
    await TcpPort.open({ hostname: host, port: tcpPort }, {
      services,
      emptyLine,
      certificate,
      report,
    }),
  );
  const address = { hostname: host, port };
  const http = certificate
    ? opening.use(await HttpsServer.open(address, { handler, certificate, limits, report }))
    : new HttpServer(address, { handler, report });
  const draining = new AbortController();
  const accepting = tcp?.accept(draining.signal);
  const renewal = certificate && opening.use(
    new Renewal(network.tls!, certificate, {
      clock: systemClock,
      report,
      renewed(certificate) {
        tcp?.renew(certificate);
        if (http instanceof HttpsServer) http.renew(certificate);
      },
    }),
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
  loop.start();
  const owned = opening.move();
  return {
    room,
    limits,
    http: http.addr,
    tcp: tcp?.addr,
    renewCertificate: () => renewal?.look(true),
    ready: page.ready,
    get loopDelay() {
      return loop.delay;
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}
