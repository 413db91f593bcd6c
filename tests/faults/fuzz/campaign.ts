import fc from "fast-check";
import { type Case, formatCase } from "./case.ts";
import { anyCase } from "./generator/any.ts";
import { Ground } from "./ground.ts";

export interface CampaignOptions {
  readonly seed: number;
  readonly seconds: number;
  /** One run again, as a failure names it, and no other. */
  readonly path?: string | undefined;
}

/** What came of it. */
export interface Outcome {
  readonly runs: number;
  readonly cases: number;
  /** How often what was reached, by what it is. */
  readonly reached: ReadonlyMap<string, number>;
  /** What memory was after the first runs, and at the end, in MB. */
  readonly heapMb: readonly [early: number, late: number];
  readonly residentMb: readonly [early: number, late: number];
  readonly slowestMs: number;
  /** The shortest that fails, for a person; undefined where all is well. */
  readonly failure: string | undefined;
}

/** Connections at a time: a run, after which the room must be as it was. */
const CASES_AT_MOST = 24;
const RUNS_A_SEED = 100;
/** Every so many runs are at a server that has a password. */
const CLOSED_EACH = 4;
/** How long a failure is made smaller for. */
const SHRINK_MS = 90_000;

/**
 * Attacks a server with what the seed gives, run after run, until the time is over or a run fails; that
 * is then made smaller, each time on a server that has just started.
 */
export async function campaign({ seed, seconds, path }: CampaignOptions): Promise<Outcome> {
  const reached = new Map<string, number>();
  const count = (what: string) => void reached.set(what, (reached.get(what) ?? 0) + 1);
  const grounds = { open: await Ground.start(false), closed: await Ground.start(true) };
  let ground = grounds.open;
  let [runs, cases] = [0, 0];

  const run = async (attempts: readonly Case[]): Promise<void> => {
    runs++;
    await ground.attack(attempts, { turn: runs, reached: count });
    cases += attempts.length;
  };

  const property = fc.asyncProperty(
    fc.array(anyCase, { minLength: 1, maxLength: CASES_AT_MOST, size: "max" }),
    run,
  );
  const until = performance.now() + 1000 * seconds;
  let failure: string | undefined;
  const only = path === undefined ? undefined : Number(path.split(":")[0]);
  for (let n = only ?? 0; failure === undefined && performance.now() < until; n++) {
    ground = n % CLOSED_EACH === 0 ? grounds.closed : grounds.open;
    const details = await fc.check(property, {
      ...startOf(seed, path ?? String(n)),
      numRuns: 1,
      endOnFailure: path !== undefined,
      interruptAfterTimeLimit: SHRINK_MS,
    });
    if (details.failed) failure = failureOf(details, seed, n);
    if (path !== undefined) break;
  }
  for (const each of Object.values(grounds)) {
    failure ??= await each.leftBehind();
    await each[Symbol.asyncDispose]();
  }
  const { heapMb, residentMb, slowestMs } = grounds.open;
  return { runs, cases, reached, heapMb, residentMb, slowestMs, failure };
}

/**
 * From where fast-check goes on to come to a case of ours: `M`, or `M:0:1` for one that was made smaller.
 * It gets there by making all those before, so there are only a few of these for each of its seeds.
 */
function startOf(seed: number, path: string): { readonly seed: number; readonly path: string } {
  const [first, ...smaller] = path.split(":").map(Number);
  const part = Math.floor(first! / RUNS_A_SEED);
  return {
    seed: (seed + Math.imul(part, 0x9e3779b1)) | 0,
    path: [first! % RUNS_A_SEED, ...smaller].join(":"),
  };
}

function failureOf(
  { counterexample, counterexamplePath, numShrinks, errorInstance }: fc.RunDetails<
    [readonly Case[]]
  >,
  seed: number,
  n: number,
): string {
  const attempts = counterexample?.[0] ?? [];
  const [, ...smaller] = (counterexamplePath ?? "").split(":");
  return [
    `${errorInstance instanceof Error ? errorInstance.stack : errorInstance}`,
    "",
    `after ${attempts.length} connection${attempts.length === 1 ? "" : "s"}` +
    ` (made smaller ${numShrinks} times):`,
    ...attempts.map(formatCase),
    "",
    `all of it again:      deno task test:fuzz --seed ${seed} --case ${n}`,
    `only what is above:   deno task test:fuzz --seed ${seed} --case ${[n, ...smaller].join(":")}`,
  ].join("\n");
}
