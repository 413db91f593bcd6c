import { Access, Password } from "../access/mod.ts";
import { systemClock } from "../base/clock.ts";
import type { EventLoop } from "../base/event_loop.ts";
import type { LoopMonitor } from "../base/loop/monitor.ts";
import type { Networks } from "../base/net/networks.ts";
import { type Logger, silent } from "../base/observe/logger.ts";
import { FILE_DEFAULTS, FileStore } from "../files/mod.ts";
import { clientKey, FloodLog, Limits } from "../limits/mod.ts";
import { type DataDir, openDataDir } from "../log/data_dir.ts";
import type { KeptLog } from "../log/log.ts";
import { Retention } from "../log/retention.ts";
import { SqliteLog } from "../log/sqlite_log.ts";
import type { Nats } from "../nats/mod.ts";
import { AuditFile, HouseRules, Moderation } from "../moderation/mod.ts";
import { HeldNameTable, Registry, SignInTable } from "../registry/mod.ts";
import { Door } from "../room/door.ts";
import { HeldNames } from "../room/identity/held_names.ts";
import { SignIns } from "../room/identity/sign_ins.ts";
import { Room } from "../room/room.ts";
import { Sessions } from "../room/sessions.ts";
import { Journal } from "../transports/pump/stay.ts";
import { Watchdog } from "../transports/pump/watchdog.ts";
import type { Services } from "../transports/services.ts";
import { createEncodings } from "../wire/encodings.ts";
import { keyOf } from "./key.ts";
import { openCluster, openPool } from "./nodes.ts";
import type { AccessSettings, ClusterOptions, IdentityOptions, ServerOptions } from "./options.ts";

/** A reload or a change of network is back by then. */
const GRACE_MS = 5000;

/** What is behind the doors. */
export interface Inside {
  readonly services: Services;
  readonly log: KeptLog;
  readonly files: FileStore;
  readonly floods: FloodLog;
  /** Undefined where the room is on this machine alone. */
  readonly nats: Nats | undefined;
}

export interface InsideOptions {
  readonly loop: LoopMonitor;
  readonly proxies: Networks;
  /** Aborted when what is still open is to be dropped. */
  readonly dropped: AbortSignal;
}

/**
 * Opens the data, and the room with all that its transports need; what is to be closed again is given
 * to `opening`. Rejects with a StartupError.
 */
export async function openInside(
  opening: AsyncDisposableStack,
  options: ServerOptions,
  { loop, proxies, dropped }: InsideOptions,
): Promise<Inside> {
  const { report, identity: { tokenLifeMs }, operations: { log: journalLog = silent } = {} } =
    options;
  const dir = opening.use(openDataDir(options.data));
  const nats = options.cluster && opening.use(await openNats(options.cluster, journalLog));
  const registry = opening.use(new Registry(dir.people, loop, report));
  const rules = new HouseRules(registry, loop);
  const log = opening.use(await openLog(dir, options, { loop, nats, journalLog }));
  const pool = nats && opening.use(await openPool(nats, options.cluster!, { loop, report }));
  const files = opening.use(
    new FileStore(dir.files, { ...options.files ?? FILE_DEFAULTS, loop, report, pool }),
  );
  files.keepReferred(log);
  const cluster = nats && opening.use(await openCluster(nats, options.cluster!, report));
  const key = await keyOf(options.identity, dir.key, {
    cluster,
    report: (what) => log.last > 0 && report(what),
  });
  const floods = opening.use(new FloodLog(journalLog, systemClock));
  const limits = new Limits(options.limits, systemClock, floods.limited);
  const access = await openAccess(options.access, key, limits);
  const room = opening.use(
    new Room(log, {
      name: options.room,
      recent: options.recent,
      rate: options.rate,
      ...(options.editForMs !== undefined && { editForMs: options.editForMs }),
      // Without uploads there is nothing that a message could have.
      files: files.limit > 0 ? files : undefined,
      renames: options.renames,
      held: heldNames(options.identity, registry),
      neighbours: cluster,
      graceMs: options.graceMs ?? GRACE_MS,
      guards: [(poster) => access.checkWrite(poster), (poster) => rules.checkPost(poster)],
      rules,
      loop,
      report,
    }),
  );
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
  const table = new SignInTable(registry);
  const signIns = opening.use(new SignIns({ clock: systemClock, lifeMs: tokenLifeMs, table }));
  signIns.visits = room.visits;
  const sessions = await Sessions.open(key, {
    clock: systemClock,
    lifeMs: tokenLifeMs,
    since: table.since(systemClock.now()),
    record: signIns,
    // Whoever runs the machine has let an operator in.
    proofOf(session) {
      const { proof } = access;
      return proof !== undefined && rules.nameOf(session) !== undefined ? proof : undefined;
    },
  });
  await cluster?.shareRegistry(registry.sharing);
  const services: Services = {
    room,
    registry,
    limits,
    sessions,
    signIns,
    door: new Door(sessions, [(arriving) => rules.checkArrival(arriving)], {
      access,
      rules,
      people: room.people,
    }),
    moderation,
    access,
    encodings: createEncodings(log.epoch),
    watchdog: opening.use(new Watchdog(systemClock)),
    journal: opening.use(new Journal(journalLog, systemClock)),
    dropped,
  };
  return { services, log, files, floods, nats };
}

/** Whoever has no cluster neither loads nor fetches what belongs to NATS. */
async function openNats(cluster: ClusterOptions, log: Logger): Promise<Nats> {
  const { Nats } = await import("../nats/mod.ts");
  return await Nats.open(cluster, { log });
}

/** The room's log: in the data folder, or, with a copy there, in NATS. */
async function openLog(
  dir: DataDir,
  { cluster, report }: ServerOptions,
  { loop, nats, journalLog }: {
    readonly loop: EventLoop;
    readonly nats: Nats | undefined;
    readonly journalLog: Logger;
  },
): Promise<KeptLog> {
  if (!cluster || !nats) return new SqliteLog(dir.log, loop, { mark: dir.mark, report });
  const { JetStreamLog } = await import("../log/jetstream_log.ts");
  const { stream, replicas } = cluster;
  const onProgress = (seq: number, last: number) =>
    journalLog.log("info", "log", `copying the history: ${seq} of ${last}`, {
      event: "copying",
      seq,
      last,
    });
  const settings = { stream, replicas, path: dir.log, loop, report, onProgress };
  return await nats.patiently(
    `the stream ${stream} in NATS`,
    () => JetStreamLog.open(nats, settings),
  );
}

function heldNames({ holdNamesMs }: IdentityOptions, registry: Registry): HeldNames | undefined {
  if (holdNamesMs === undefined) return undefined;
  return new HeldNames({
    clock: systemClock,
    holdMs: holdNamesMs,
    table: new HeldNameTable(registry),
    addressKey: clientKey,
  });
}

async function openAccess(
  { password, ...settings }: AccessSettings = {},
  key: Uint8Array<ArrayBuffer>,
  limits: Limits,
): Promise<Access> {
  if (password === undefined) return new Access(settings, limits);
  return new Access({ ...settings, password: await Password.open(password, key) }, limits);
}
