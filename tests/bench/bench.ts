import { type Ceiling, runCeiling } from "./measurements/ceiling.ts";
import { type Memory, runMemory } from "./measurements/memory.ts";
import type { Options, Part } from "./options.ts";
import { isFurther, type Row } from "./peers/row.ts";
import { runScale, type Scale } from "./measurements/scale.ts";
import { runSession, type Session } from "./measurements/session.ts";
import { runStartup } from "./measurements/startup.ts";
import type { Workshop } from "./processes/workshop.ts";

/** Everything that was measured, before any median. */
export type Results = {
  readonly rows: readonly RowResults[];
  readonly ceiling: readonly Ceiling[];
  /** What went wrong, or was left out, a line each. */
  readonly notes: readonly string[];
};

export type RowResults = Alone & {
  readonly name: string;
  readonly title: string;
  /** One for each round that came to its end. */
  readonly sessions: readonly Session[];
};

/** What is measured once, without the others in between. */
type Alone = {
  readonly scale: readonly Scale[];
  readonly memory: Memory | undefined;
  readonly startMs: number | undefined;
};

type Progress = (line: string) => void;
const NOTHING = Promise.resolve(undefined);

/**
 * Runs what the options ask for: the rows in turn, round after round, so that a machine that
 * slows down meanwhile slows all of them. A row that fails leaves a note and a gap.
 */
export async function runBench(
  rows: readonly Row[],
  workshop: Workshop,
  { options, progress }: { options: Options; progress: Progress },
): Promise<Results> {
  const deadline = performance.now() + options.limitMs;
  const notes: string[] = [];
  const leftOut: string[] = [];
  const wanted = (...parts: Part[]): boolean => parts.some((part) => options.parts.includes(part));
  const attempt = async <T>(what: string, run: () => Promise<T>): Promise<T | undefined> => {
    if (performance.now() > deadline) {
      leftOut.push(what);
      return undefined;
    }
    progress(what);
    try {
      return await run();
    } catch (error) {
      notes.push(`${what}: ${error instanceof Error ? error.message : error}`);
      return undefined;
    }
  };

  const ceiling = wanted("generator")
    ? await attempt("generator", () => runCeiling(workshop, options))
    : undefined;
  const alone = new Map<Row, Alone>();
  for (const row of rows) {
    const inOwn = <T>(part: Part, run: () => Promise<T>): Promise<T | undefined> =>
      wanted(part) && !isFurther(row) ? attempt(`${row.name}, ${part}`, run) : NOTHING;
    alone.set(row, {
      memory: await inOwn("memory", () => runMemory(row, workshop, options)),
      startMs: await inOwn("startup", () => runStartup(row, workshop, options)),
      scale: await inOwn("scale", () => runScale(row, workshop, options)) ?? [],
    });
  }
  const sessions = new Map<Row, Session[]>(rows.map((row) => [row, []]));
  for (let round = 1; wanted("throughput", "latency") && round <= options.rounds; round++) {
    for (const row of rows) {
      const what = `${row.name}, round ${round}`;
      const session = await attempt(what, () => runSession(row, workshop, options));
      if (session === undefined) continue;
      sessions.get(row)!.push(session);
      notes.push(...session.remarks.map((remark) => `${what}: ${remark}`));
    }
  }
  if (leftOut.length > 0) notes.push(`left out, the time was up: ${leftOut.join("; ")}`);
  return {
    rows: rows.map((row) => ({
      name: row.name,
      title: row.title,
      sessions: sessions.get(row)!,
      ...alone.get(row)!,
    })),
    ceiling: ceiling ?? [],
    notes,
  };
}
