import { parseArgs } from "node:util";

export const PARTS = ["throughput", "latency", "scale", "memory", "startup", "generator"] as const;
export type Part = typeof PARTS[number];

/** Another Partyline to run beside the first: a folder, and flags for its `serve`. */
export type Also = { readonly name: string; readonly dir: string; readonly flags: string[] };

export type Options = {
  readonly quick: boolean;
  readonly parts: readonly Part[];
  /** Names of rows, or of peers for all their rows; undefined takes all. */
  readonly peers: readonly string[] | undefined;
  readonly also: readonly Also[];
  readonly readers: number;
  readonly rounds: number;
  readonly warmMs: number;
  readonly measureMs: number;
  /** Messages each publisher keeps in flight. */
  readonly windows: readonly number[];
  /** Messages a second, all publishers together. */
  readonly rates: readonly number[];
  readonly scale: readonly number[];
  readonly idle: number;
  readonly starts: number;
  /** How long to wait for what was sent to come back. */
  readonly returnMs: number;
  /** When to begin nothing more. */
  readonly limitMs: number;
  readonly pin: boolean;
  readonly out: string | undefined;
};

export const HELP = `partyline bench: Partyline beside what a user would pick instead

Usage: deno run -A tests/bench/main.ts [flags]

  --quick             everything in 60 s, coarsely
  --only PART,…       ${PARTS.join(", ")}
  --peers NAME,…      partyline, partyline/sse, bun, ws, socket.io, deno, gorilla, nchan, …;
                      only by name: nats and nats-r3 (the log in JetStream, R=1 and R=3), nodes-2
                      and nodes-3 (so many nodes on one port; beside nats, and with --no-pin)
  --also 'NAME=DIR F' another Partyline, from DIR and with the flags F, as a row of its own;
                      may be repeated. To measure a change: --also before=../before
  --readers N         connections that read (default 500)
  --rounds N          runs of each row, one row after the other; medians are shown (default 3)
  --seconds N         length of a measurement (default 3)
  --windows N,…       messages in flight for each of 4 publishers (default 1,4,16,64)
  --rates N,…         messages a second for the latencies (default 20,400,2000)
  --limit SECONDS     begin nothing after this (default 3600)
  --no-pin            let the scheduler choose the cores
  --out DIR           where bench.json, bench.md and latency.svg go (default: a new temp folder)
`;

/** Throws a TypeError or RangeError that names the flag. Undefined where help is asked for. */
export function parseOptions(args: readonly string[]): Options | undefined {
  const { values } = parseArgs({
    args: [...args],
    options: {
      quick: { type: "boolean", default: false },
      only: { type: "string" },
      peers: { type: "string" },
      also: { type: "string", multiple: true, default: [] },
      readers: { type: "string", default: "500" },
      rounds: { type: "string" },
      seconds: { type: "string" },
      windows: { type: "string" },
      rates: { type: "string" },
      limit: { type: "string" },
      "no-pin": { type: "boolean", default: false },
      out: { type: "string" },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  if (values.help) return undefined;
  const { quick } = values;
  const parts = values.only?.split(",") ?? (quick ? QUICK_PARTS : PARTS);
  return Object.freeze({
    quick,
    parts: parts.map(parsePart),
    peers: values.peers?.split(","),
    also: values.also.map(parseAlso),
    readers: number("--readers", values.readers, 10, 9000),
    rounds: number("--rounds", values.rounds ?? (quick ? "1" : "3"), 1, 100),
    warmMs: quick ? 200 : 700,
    measureMs: 1000 * number("--seconds", values.seconds ?? (quick ? "0.4" : "3"), 0.1, 60),
    windows: numbers("--windows", values.windows ?? (quick ? "1,16" : "1,4,16,64"), 1, 1024),
    rates: numbers("--rates", values.rates ?? (quick ? "20,400" : "20,400,2000"), 1, 20_000),
    scale: quick ? [50, 500] : [50, 500, 5000],
    idle: quick ? 1000 : 5000,
    starts: quick ? 1 : 5,
    returnMs: quick ? 500 : 5000,
    limitMs: 1000 * number("--limit", values.limit ?? (quick ? "52" : "3600"), 1, 86_400),
    pin: !values["no-pin"],
    out: values.out,
  });
}

/** The start is seen in every session. */
const QUICK_PARTS: readonly Part[] = ["throughput", "latency", "memory"];

function parsePart(name: string): Part {
  const part = PARTS.find((part) => part === name);
  if (part === undefined) throw new RangeError(`--only ${name}: wanted ${PARTS.join(", ")}`);
  return part;
}

function parseAlso(raw: string): Also {
  const [, name, dir, flags] = /^([\w.-]+)=(\S+)(.*)$/.exec(raw) ?? [];
  if (!name || !dir) throw new RangeError(`--also ${raw}: wanted NAME=DIR and perhaps flags`);
  return { name, dir, flags: (flags ?? "").split(" ").filter((flag) => flag !== "") };
}

function numbers(flag: string, raw: string, min: number, max: number): number[] {
  return raw.split(",").map((one) => number(flag, one, min, max));
}

function number(flag: string, raw: string, min: number, max: number): number {
  const value = raw === "" ? NaN : Number(raw);
  if (value >= min && value <= max) return value;
  throw new RangeError(`${flag} ${raw}: wanted a number from ${min} to ${max}`);
}
