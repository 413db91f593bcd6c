import Registry from "prom-client/registry";
import { Kinds } from "./kinds.ts";
import { addProcessFigures } from "./process_figures.ts";
import type { Figures, Sources } from "./sources.ts";

const SECONDS = 1 / 1000;

/** What the rooms have counted, in Prometheus' text format. */
export class Metrics implements Figures {
  readonly #registry = new Registry();

  constructor(sources: Sources) {
    const kinds = new Kinds(this.#registry);
    addRoom(kinds, sources);
    addConnections(kinds, sources);
    addFiles(kinds, sources);
    addServer(kinds, sources);
    if (sources.nats) addNats(kinds, sources.nats);
    addProcessFigures(kinds);
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  /** All figures as they are now. */
  text(): Promise<string> {
    return this.#registry.metrics();
  }
}

function addRoom(kinds: Kinds, { room, commits, syncs }: Sources): void {
  const { counts } = room;
  kinds.counter(["partyline_messages_total", "Messages stored"], () => counts.entries.message);
  kinds.counters(
    ["partyline_entries_total", "What was stored, by its kind: messages, edits, and so on"],
    "type",
    () => counts.entries,
  );
  kinds.counter(
    ["partyline_duplicates_total", "What came again, and had been stored before"],
    () => counts.duplicates,
  );
  kinds.counter(
    ["partyline_deliveries_total", "Entries given to readers, each counted for each"],
    () => room.delivered,
  );
  kinds.gauge(
    ["partyline_history_messages", "Entries that are kept"],
    () => room.log.last - room.log.first + 1,
  );
  kinds.gauge(
    ["partyline_people", "People who are here, by this node"],
    () => room.people.countHere,
  );
  kinds.histogram(
    ["partyline_batch_messages", "Entries in a transaction"],
    1,
    () => counts.batches.read(),
  );
  kinds.histogram(["partyline_commit_seconds", "Time for a transaction"], SECONDS, commits);
  kinds.histogram(
    ["partyline_fsync_seconds", "Time until a transaction is on the disk, after its commit"],
    SECONDS,
    syncs,
  );
  kinds.histogram(
    [
      "partyline_fanout_seconds",
      "From a batch that is there until all who wait have been given it",
    ],
    SECONDS,
    () => counts.fanOut.read(),
  );
}

function addConnections(kinds: Kinds, { room, limits, cuts, buffered }: Sources): void {
  const { counts } = room;
  kinds.gauges(
    ["partyline_connections", "Connections held open, by transport"],
    "transport",
    () => limits.held,
  );
  kinds.gauges(
    [
      "partyline_cursor_lag_messages",
      "Entries that readers lack: of half of them, of 99 %, of all",
    ],
    "quantile",
    () => quantiles(room.lags),
  );
  kinds.gauge(
    ["partyline_readers_behind", "Readers that lack more than 100 entries"],
    () => room.lags.filter((lag) => lag > 100).length,
  );
  kinds.gauge(
    ["partyline_buffered_bytes", "Bytes that clients have been sent and have not taken"],
    buffered,
  );
  kinds.counters(
    [
      "partyline_visits_total",
      "Connections that came in, by where they began: after their cursor " +
      "(resumed), without one (new), or why not after it",
    ],
    "start",
    () => counts.visits,
  );
  kinds.counters(
    ["partyline_cuts_total", "Connections that the server ended, by why"],
    "reason",
    () => cuts,
  );
}

function addFiles(kinds: Kinds, { files }: Sources): void {
  kinds.gauge(["partyline_files", "Files that are kept, each content once"], () => files.count);
  kinds.gauge(
    ["partyline_files_bytes", "What they take of --files-total"],
    () => files.bytes,
  );
  kinds.counter(["partyline_uploads_total", "Files uploaded"], () => files.counts.uploads);
  kinds.counter(
    ["partyline_upload_bytes_total", "Bytes of them"],
    () => files.counts.uploadedBytes,
  );
  kinds.counter(
    ["partyline_files_removed_total", "Files removed, since no message had them"],
    () => files.counts.removed,
  );
}

function addServer(kinds: Kinds, { version, room, limits, loopDelay, reports }: Sources): void {
  const { counts } = room;
  kinds.gauges(["partyline_info", "1, with the version"], "version", () => ({ [version]: 1 }));
  kinds.counter(["partyline_requests_total", "HTTP requests"], () => limits.requests);
  kinds.counters(
    ["partyline_refusals_total", "What clients were refused, by the code they were told"],
    "code",
    () => counts.refusals,
  );
  kinds.counters(
    ["partyline_limited_total", "What was refused or cut for being too much, by the limit"],
    "kind",
    () => ({ ...counts.limited, ...limits.limited }),
  );
  kinds.counter(
    ["partyline_errors_total", "Faults that the log tells of"],
    () => reports.error,
  );
  kinds.counter(
    ["partyline_warnings_total", "What the log tells as worth a look"],
    () => reports.warning,
  );
  kinds.histogram(
    ["partyline_event_loop_delay_seconds", "How late the event loop was, each 20 ms"],
    SECONDS,
    loopDelay,
  );
}

function addNats(kinds: Kinds, nats: NonNullable<Sources["nats"]>): void {
  kinds.gauge(
    ["partyline_nats_connected", "1 while NATS can be reached, 0 while it cannot"],
    () => Number(nats.connected),
  );
  kinds.counter(
    ["partyline_nats_losses_total", "How often the connection to NATS was lost"],
    () => nats.losses,
  );
}

/** Of values in ascending order. */
function quantiles(values: readonly number[]): Record<string, number> {
  const at = (part: number) => values[Math.ceil(part * values.length) - 1] ?? 0;
  return { "0.5": at(0.5), "0.99": at(0.99), "1": at(1) };
}
