import { systemClock } from "./base/clock.ts";
import { systemLoop } from "./base/event_loop.ts";
import { LoopMonitor } from "./base/loop/monitor.ts";
import { Networks } from "./base/net/networks.ts";
import type { Distribution } from "./base/observe/histogram.ts";
import { VERSION } from "./base/version.ts";
import { firstScreenOf } from "./http/front_page.ts";
import { createHandler } from "./http/handler.ts";
import { Origins } from "./http/origin/origins.ts";
import { Silence } from "./http/proxy/silence.ts";
import type { Limits } from "./limits/mod.ts";
import { getMetrics } from "./metrics/mod.ts";
import { Assets } from "./page/assets.ts";
import { Page } from "./page/page.ts";
import { isReserved } from "./names/mod.ts";
import type { Room } from "./room/room.ts";
import { OPEN_PATHS, routesOf } from "./routes.ts";
import { openInside } from "./server/inside.ts";
import type { ServerOptions } from "./server/options.ts";
import { Ports } from "./server/ports.ts";

export type {
  AccessSettings,
  ClusterOptions,
  IdentityOptions,
  NetworkOptions,
  ServerOptions,
} from "./server/options.ts";

/** What draining leaves for closing the log and the exit. */
const SPARE_MS = 500;
/** How long readers have for their `bye` before the listener goes away. */
const BYE_MS = 250;

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
  /** How late the event loop was, since the start, in milliseconds. */
  readonly loopDelay: Distribution;
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
  const { host, allowHosts, network = {}, operations: { metrics } = {} } = options;
  const reports = { error: 0, warning: 0 };
  const report: ServerOptions["report"] = (what, error) => {
    reports[error === undefined ? "warning" : "error"]++;
    options.report(what, error);
  };
  const counted = { ...options, report };
  await using opening = new AsyncDisposableStack();
  const loop = opening.use(new LoopMonitor(systemLoop, options.reportSlow ?? options.report));
  const proxies = new Networks(network.proxies ?? []);
  const drained = new AbortController();
  const { services, log, files, floods, nats } = await openInside(opening, counted, {
    loop,
    proxies,
    dropped: drained.signal,
  });
  const { room, limits, access, sessions, signIns, journal, watchdog } = services;
  // Made ready while the rest is answered already: bundling takes longer than all else.
  const assets = options.assets ? Promise.resolve(options.assets) : loadPage();
  const page = opening.use(new Page(assets, firstScreenOf(room)));
  const figures = metrics && getMetrics({
    version: VERSION,
    room,
    limits: limits.counts,
    files,
    cuts: journal.cuts,
    buffered: () => watchdog.buffered,
    commits: () => log.commits.read(),
    syncs: () => log.syncs.read(),
    loopDelay: () => loop.delay,
    nats,
    reports,
  }, metrics);
  const hosts = [host, ...allowHosts];
  const handler = createHandler({
    routes: routesOf({ ...services, files, nats }, page, figures),
    open: OPEN_PATHS,
    access,
    files: { respond: (request, path) => page.respondFile(request, path) },
    sessions,
    signIns,
    limits,
    arrival: { proxies, basePath: network.basePath ?? "/" },
    hosts,
    origins: new Origins({ allowed: network.allowOrigins ?? [], hosts, report }),
    silence: new Silence(systemClock, report),
    report,
    onRefusal: (refusal, address) => {
      room.counts.refusals[refusal.code]++;
      floods.refused(refusal, address);
    },
  });
  const ports = await Ports.open(opening, counted, { services, handler });

  opening.defer(async () => {
    const late = Promise.withResolvers<void>();
    using _deadline = systemClock.after(Math.max(0, options.drainMs - SPARE_MS), late.resolve);
    ports.stopTcp();
    const stored = room.close(options.drainMs);
    await new Promise<void>((resolve) => systemClock.after(options.byeMs ?? BYE_MS, resolve));
    await Promise.race([Promise.all([stored, ports.shutdownHttp()]), late.promise]);
    drained.abort();
    await Promise.race([ports.tcpEnded, late.promise]);
  });
  // The table of letters that look alike takes a moment to make: not while the first one comes in.
  opening.use(systemClock.after(0, () => void isReserved("guest?")));
  loop.start();
  const owned = opening.move();
  return {
    room,
    limits,
    http: ports.http,
    tcp: ports.tcp,
    renewCertificate: () => ports.renewCertificate(),
    ready: page.ready,
    get loopDelay() {
      return loop.delay;
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}
