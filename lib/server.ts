import { Access, type AccessOptions, Password } from "./access/mod.ts";
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
import { clientKey, FloodLog, type LimitOptions, Limits } from "./limits/mod.ts";
import type { Distribution } from "./base/observe/histogram.ts";
import { type Logger, silent } from "./base/observe/logger.ts";
import { VERSION } from "./base/version.ts";
import { getMetrics } from "./metrics/mod.ts";
import { Journal } from "./transports/pump/stay.ts";
import { LoopMonitor } from "./base/loop/monitor.ts";
import { deriveSessionKey, readSessionKey } from "./log/session_key.ts";
import { Silence } from "./http/proxy/silence.ts";
import { SqliteLog } from "./log/sqlite_log.ts";
import type { Rate } from "./base/rate_limit.ts";
import { type Keep, Retention } from "./log/retention.ts";
import { AuditFile, HouseRules, Moderation } from "./moderation/mod.ts";
import { HeldNameTable, Registry, SignInTable } from "./registry/mod.ts";
import { HeldNames } from "./room/identity/held_names.ts";
import { Room } from "./room/room.ts";
import { Sessions } from "./room/sessions.ts";
import { SignIns } from "./room/identity/sign_ins.ts";
import { OPEN_PATHS, routesOf } from "./routes.ts";
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

/** Who may come in and write, and what is offered. */
export interface AccessSettings extends Omit<AccessOptions, "password"> {
  /** Of the room; everybody may come in without one. */
  readonly password?: string | undefined;
}

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
  readonly access?: AccessSettings;
  readonly identity: IdentityOptions;
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
  readonly operations?: OperationOptions;
  /** Told of faults, and of what needs the operator. */
  readonly report: (what: string, error?: unknown) => void;
  /** Told what kept the event loop for so long that people notice; by default `report` is. */
  readonly reportSlow?: (what: string) => void;
}

/** What an operator sees of a server while it runs. */
export interface OperationOptions {
  /** Told who comes and goes, and who is refused; by default nobody is. */
  readonly log?: Logger;
  /** Which addresses besides this machine's may read /metrics; where undefined there is none. */
  readonly metrics?: readonly string[] | "all" | undefined;
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
  /** How late the event loop was, since the start, in milliseconds. */
  readonly loopDelay: Distribution;
  /** Looks now whether there is a new certificate, instead of some time later. */
  renewCertificate(): void;
}

async function openAccess(
  { password, ...settings }: AccessSettings = {},
  key: Uint8Array<ArrayBuffer>,
  limits: Limits,
): Promise<Access> {
  if (password === undefined) return new Access(settings, limits);
  return new Access({ ...settings, password: await Password.open(password, key) }, limits);
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
  const { host, port, tcpPort, emptyLine, allowHosts, network = {} } = options;
  const { log: journalLog = silent, metrics } = options.operations ?? {};
  const reports = { error: 0, warning: 0 };
  const report: ServerOptions["report"] = (what, error) => {
    reports[error === undefined ? "warning" : "error"]++;
    options.report(what, error);
  };
  await using opening = new AsyncDisposableStack();
  const loop = opening.use(new LoopMonitor(systemLoop, options.reportSlow ?? options.report));
  const dir = opening.use(openDataDir(options.data));
  const registry = opening.use(new Registry(dir.people, loop, report));
  const rules = new HouseRules(registry, loop);
  const log = opening.use(new SqliteLog(dir.log, loop, { mark: dir.mark, report }));
  const { secret, tokenLifeMs, holdNamesMs } = options.identity;
  const key = secret === undefined ? await readKey() : await deriveSessionKey(secret);
  const held = holdNamesMs === undefined ? undefined : new HeldNames({
    clock: systemClock,
    holdMs: holdNamesMs,
    table: new HeldNameTable(registry),
    addressKey: clientKey,
  });
  const floods = opening.use(new FloodLog(journalLog, systemClock));
  const limits = new Limits(options.limits, systemClock, floods.limited);
  const access = await openAccess(options.access, key, limits);
  const room = opening.use(
    new Room(log, {
      name: options.room,
      recent: options.recent,
      rate: options.rate,
      renames: options.renames,
      held,
      graceMs: options.graceMs ?? GRACE_MS,
      guards: [(poster) => access.checkWrite(poster), (poster) => rules.checkPost(poster)],
      rules,
      loop,
      report,
    }),
  );
  const proxies = new Networks(network.proxies ?? []);
  const moderation = opening.use(
    new Moderation(room, {
      registry,
      rules,
      audit: new AuditFile(dir.audit),
      loop,
      isShared: (address) => proxies.has(address),
      report,
    }),
  );
  opening.use(new Retention(log, options.keep, systemClock, report));
  const watchdog = opening.use(new Watchdog(systemClock));
  const drained = new AbortController();
  const journal = opening.use(new Journal(journalLog, systemClock));
  const table = new SignInTable(registry);
  const signIns = opening.use(new SignIns({ clock: systemClock, lifeMs: tokenLifeMs, table }));
  signIns.visits = room.visits;
  const sessions = await Sessions.open(key, {
    clock: systemClock,
    lifeMs: tokenLifeMs,
    since: table.since(systemClock.now()),
    record: signIns,
    // Whoever runs the machine has let an operator in.
    proofOf: (session) => rules.nameOf(session) === undefined ? undefined : access.proof,
  });
  const services: Services = {
    room,
    registry,
    limits,
    sessions,
    signIns,
    door: new Door(sessions, [(arriving) => rules.checkArrival(arriving)], { access, rules }),
    moderation,
    access,
    encodings: createEncodings(log.epoch),
    watchdog,
    journal,
    dropped: drained.signal,
  };
  // Made ready while the rest is answered already: bundling takes longer than all else.
  const assets = options.assets ? Promise.resolve(options.assets) : loadPage();
  const page = opening.use(new Page(assets, firstScreenOf(room)));
  const figures = metrics && getMetrics(
    {
      version: VERSION,
      room,
      limits: limits.counts,
      cuts: journal.cuts,
      buffered: () => watchdog.buffered,
      commits: () => log.commits.read(),
      syncs: () => log.syncs.read(),
      loopDelay: () => loop.delay,
      reports,
    },
    metrics,
  );
  const hosts = [host, ...allowHosts];
  const handler = createHandler({
    routes: routesOf(services, page, figures),
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
    tcp: tcp?.addr,
    renewCertificate: () => renewal?.look(true),
    ready: page.ready,
    get loopDelay() {
      return loop.delay;
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}
