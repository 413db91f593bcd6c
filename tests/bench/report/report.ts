import type { Results, RowResults } from "../bench.ts";
import type { Machine } from "../machine.ts";
import { table } from "./markdown.ts";
import type { Options } from "../options.ts";
import type { Latency, Throughput } from "../measurements/session.ts";
import { median, medians } from "../measurements/stats.ts";

/** What is not there when a measurement ends, as a share of what should be, in seconds at most. */
const BEHIND = { share: 0.2, seconds: 0.5 };
const NONE = "–";

/** The results as Markdown; medians of the rounds. */
export function report(results: Results, options: Options, machine: Machine): string {
  const rows = results.rows.filter((row) => row.sessions.length > 0);
  const perWindow = (of: (cell: Throughput) => string): string =>
    table(
      ["in flight for each of 4", ...options.windows.map(String)],
      rows.filter((row) => row.sessions[0]!.throughput.length > 0).map((row) => [
        row.name,
        ...options.windows.map((window) => {
          const cell = throughputOf(row, window);
          return cell === undefined ? NONE : of(cell);
        }),
      ]),
    );
  return [
    `# Benchmark\n\n${about(options, machine)}`,
    section("Deliveries a second", perWindow((cell) => count(cell.deliveriesPerSecond))),
    section(
      "CPU of the server per delivery, µs",
      perWindow((cell) => cell.cpuMicrosPerDelivery.toFixed(3)),
    ),
    ...options.rates.map((rate) => latencySection(rows, rate)),
    section(
      "CPU of the server per delivery, µs, as the readers become more (16 in flight)",
      table(
        ["readers", ...options.scale.map(String)],
        results.rows.filter((row) => row.scale.length > 0).map((row) => [
          row.name,
          ...options.scale.map((readers) =>
            row.scale.find((cell) => cell.readers === readers)?.cpuMicrosPerDelivery.toFixed(3) ??
              NONE
          ),
        ]),
      ),
    ),
    section("Memory and start", memoryTable(results.rows, options)),
    section(
      "How busy both were, % of a core: server; generator, sending and watching + counting",
      perWindow(({ cpuShare, generatorShare: { prompt, bulk } }) =>
        `${percent(cpuShare)}; ${percent(prompt)} + ${percent(bulk)}`
      ),
    ),
    section(
      "The most that the load generator can take",
      table(
        [
          "messages in a frame",
          "deliveries/s",
          "generator µs/delivery",
          "its core",
          "source's core",
        ],
        results.ceiling.map((cell) => [
          String(cell.messagesPerFrame),
          count(cell.deliveriesPerSecond),
          cell.generatorMicrosPerDelivery.toFixed(3),
          `${percent(cell.generatorShare.prompt + cell.generatorShare.bulk)} %`,
          `${percent(cell.cpuShare)} %`,
        ]),
      ),
    ),
    section("Notes", results.notes.map((note) => `- ${note}\n`).join("")),
  ].filter((part) => part !== "").join("\n");
}

/** The medians of a row with this many in flight. */
export function throughputOf(row: RowResults, window: number): Throughput | undefined {
  const cells = row.sessions.flatMap((one) => one.throughput.filter((it) => it.window === window));
  return cells.length === 0 ? undefined : medians(cells);
}

/** The medians of a row at this rate. */
export function latencyOf(row: RowResults, rate: number): Latency | undefined {
  const cells = row.sessions.flatMap((one) => one.latency.filter((it) => it.rate === rate));
  return cells.length === 0 ? undefined : medians(cells);
}

/** Whether the server did not keep up with the rate. */
export function fallsBehind(cell: Latency): boolean {
  return cell.behindSeconds > Math.min(BEHIND.share * cell.measureMs / 1000, BEHIND.seconds);
}

function latencySection(rows: readonly RowResults[], rate: number): string {
  const lines = rows.flatMap((row) => {
    const cell = latencyOf(row, rate);
    if (cell === undefined) return [];
    const behind = fallsBehind(cell) ? `falls behind, by ${cell.behindSeconds.toFixed(1)} s` : "";
    const times = [cell.p50, cell.p99, cell.p999].map(millis);
    return [[row.name, ...times, `${percent(cell.cpuShare)} %`, millis(cell.lateP99), behind]];
  });
  const head = ["", "p50", "p99", "p99.9", "server's core", "generator late, p99", ""];
  return section(`Latency at ${rate} messages a second, ms`, table(head, lines));
}

function memoryTable(rows: readonly RowResults[], options: Options): string {
  const lines = rows.flatMap((row) => {
    const { memory } = row;
    const startMs = row.startMs ?? median(row.sessions.map((session) => session.startMs));
    if (memory === undefined && row.startMs === undefined) return [];
    const weights = memory === undefined ? [NONE, NONE, NONE] : [
      (memory.bytesPerConnection / 1024).toFixed(1),
      megabytes(memory.emptyBytes),
      megabytes(memory.fullBytes),
    ];
    return [[row.name, ...weights, Number.isNaN(startMs) ? NONE : startMs.toFixed(0)]];
  });
  const full = `MB with ${options.idle}`;
  return table(["", "KB per idle connection", "MB empty", full, "ms to first answer"], lines);
}

function about(options: Options, machine: Machine): string {
  const versions = machine.versions.map((version) => `- ${version}\n`).join("");
  return `${options.readers} readers, 4 publishers, texts of 100 bytes; medians of ` +
    `${options.rounds} interleaved rounds of ${options.measureMs / 1000} s. ` +
    `${machine.description}\n\n    ${machine.command}\n\n${versions}`;
}

function section(title: string, body: string): string {
  return body === "" ? "" : `## ${title}\n\n${body}`;
}

function count(value: number): string {
  return Math.round(value).toLocaleString("en-US");
}

function millis(value: number): string {
  if (Number.isNaN(value)) return NONE;
  return value < 10 ? value.toFixed(2) : value.toFixed(0);
}

function megabytes(bytes: number): string {
  return (bytes / 1024 / 1024).toFixed(0);
}

function percent(share: number): string {
  return (share * 100).toFixed(0);
}
