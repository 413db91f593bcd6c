import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { checkAnswers } from "./answers.ts";
import { attack } from "./attack.ts";
import { type Case, formatCase } from "./case.ts";
import { anyCase } from "./generator/any.ts";
import { LogCheck, NormalUsers } from "./room_check.ts";
import { AttackedServer } from "./server.ts";

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
/** How long a failure is made smaller for. */
const SHRINK_MS = 90_000;
/** By then everything has been loaded and compiled. */
const EARLY_RUNS = 10;
/** How long a turn of the event loop may take, on a machine that has other things to do too. */
const SLOWEST_MS = 2000;
/** What a heap may grow by without a leak: the newest messages, and people's tokens. */
const HEAP_GROWTH_MB = 40;
/** An upgrade that was reset before its answer is given up after 10 s. */
const GIVEN_UP_MS = 12_000;

/**
 * Attacks a server with what the seed gives, run after run, until the time is over or a run fails; that
 * is then made smaller, each time on a server that has just started.
 */
export async function campaign({ seed, seconds, path }: CampaignOptions): Promise<Outcome> {
  const reached = new Map<string, number>();
  const count = (what: string) => void reached.set(what, (reached.get(what) ?? 0) + 1);
  let server = await AttackedServer.start();
  let log = new LogCheck(server.at);
  let isSound = true;
  let [runs, cases] = [0, 0];
  let early = await server.health();

  const run = async (attempts: readonly Case[]): Promise<void> => {
    if (!isSound) {
      await server[Symbol.asyncDispose]();
      server = await AttackedServer.start();
      log = new LogCheck(server.at);
    }
    isSound = false;
    runs++;
    {
      await using users = await NormalUsers.join(server.at, runs);
      const came = await Promise.all(attempts.map((each) => attack(server.at, each, server.known)));
      for (const [i, each] of attempts.entries()) checkAnswers(each, came[i]!, count);
      await log.readTo(await users.speak());
      await users.areAlone();
    }
    const health = await server.health();
    assertEquals(health.reported, [], "the server reported what no client should cause");
    assert(health.slowestMs < SLOWEST_MS, `the event loop stood still for ${health.slowestMs} ms`);
    isSound = true;
    if (runs === EARLY_RUNS) early = health;
    cases += attempts.length;
  };

  const property = fc.asyncProperty(
    fc.array(anyCase, { minLength: 1, maxLength: CASES_AT_MOST, size: "max" }),
    run,
  );
  const until = performance.now() + 1000 * seconds;
  let failure: string | undefined;
  for (let n = 0; failure === undefined && performance.now() < until; n++) {
    const details = await fc.check(property, {
      ...startOf(seed, path ?? String(n)),
      numRuns: 1,
      endOnFailure: path !== undefined,
      interruptAfterTimeLimit: SHRINK_MS,
    });
    if (details.failed) failure = failureOf(details, seed, n);
    if (path !== undefined) break;
  }
  const late = isSound ? await server.health() : early;
  if (failure === undefined) {
    failure = await leftBehind(server, late.heapMb - early.heapMb).catch((error) => String(error));
  }
  await server[Symbol.asyncDispose]();
  return {
    runs,
    cases,
    reached,
    heapMb: [early.heapMb, late.heapMb],
    residentMb: [early.residentMb, late.residentMb],
    slowestMs: late.slowestMs,
    failure,
  };
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

/** What is wrong with what a server still holds when everybody has gone. */
async function leftBehind(server: AttackedServer, grownMb: number): Promise<string | undefined> {
  if (grownMb > HEAP_GROWTH_MB) return `the heap grew by ${grownMb.toFixed(0)} MB`;
  const until = performance.now() + GIVEN_UP_MS;
  for (;;) {
    await (await fetch(`${server.at.url}/poll?wait=0`)).body?.cancel(); // looks for those to give up
    const { open } = await server.health();
    if (open === 0) return;
    if (performance.now() > until) return `${open} connections are still counted`;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}
