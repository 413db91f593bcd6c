import fc from "fast-check";
import { type Case, formatCase } from "./case.ts";
import { anyCase } from "./generator/any.ts";
import { Ground } from "./ground.ts";
import { makeSmaller } from "./smaller.ts";

export interface CampaignOptions {
  readonly seed: number;
  readonly seconds: number;
  /** One run again, as a failure names it, and no other. */
  readonly only?: number | undefined;
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
/** One of so many runs is at a server that has a password, and another at one that speaks TLS. */
const OTHERS_EACH = 5;
/** How long a failure is made smaller for. */
const SMALLER_MS = 90_000;

const attempts = fc.array(anyCase, { minLength: 1, maxLength: CASES_AT_MOST, size: "max" });

/**
 * Attacks a server with what the seed gives, run after run, until the time is over or a run fails; that
 * is then made smaller, each time on a server that has just started.
 */
export async function campaign({ seed, seconds, only }: CampaignOptions): Promise<Outcome> {
  const reached = new Map<string, number>();
  const count = (what: string) => void reached.set(what, (reached.get(what) ?? 0) + 1);
  const [open, closed, tls] = await Promise.all(
    (["open", "closed", "tls"] as const).map((kind) => Ground.start(kind)),
  ) as [Ground, Ground, Ground];
  const until = performance.now() + 1000 * seconds;
  let [runs, turn, cases] = [0, 0, 0];
  let failure: string | undefined;

  for (let n = only ?? 0; failure === undefined && performance.now() < until; n++) {
    const ground = n % OTHERS_EACH === 1 ? closed : n % OTHERS_EACH === 2 ? tls : open;
    const drawn = draw(seed, n);
    const attack = (attempts: readonly Case[]) =>
      ground.attack(attempts, { turn: turn++, reached: count }).then(() => undefined, String);
    runs++;
    cases += drawn.length;
    let why = await attack(drawn);
    if (why !== undefined) {
      const fails = async (attempts: readonly Case[]) => await attack(attempts) !== undefined;
      const least = await makeSmaller(drawn, fails, performance.now() + SMALLER_MS);
      why = `a room that is ${ground.kind}: ${await attack(least) ?? why}`;
      failure = describe({ seed, n, why, least });
    }
    if (only !== undefined) break;
  }
  for (const each of [open, closed, tls]) {
    failure ??= await each.leftBehind();
    await each[Symbol.asyncDispose]();
  }
  const { heapMb, residentMb, slowestMs } = open;
  return { runs, cases, reached, heapMb, residentMb, slowestMs, failure };
}

/** What a run sends: the same for the same seed and number, whichever runs were before. */
function draw(seed: number, n: number): readonly Case[] {
  const [drawn] = fc.sample(attempts, { seed: (seed + Math.imul(n, 0x9e3779b1)) | 0, numRuns: 1 });
  return drawn!;
}

function describe({ seed, n, why, least }: {
  readonly seed: number;
  readonly n: number;
  readonly why: string;
  readonly least: readonly Case[];
}): string {
  return [
    why,
    "",
    `after ${least.length} connection${least.length === 1 ? "" : "s"}, made as small as it went:`,
    ...least.map(formatCase),
    "",
    `the whole run again: deno task test:fuzz --seed ${seed} --case ${n}`,
  ].join("\n");
}
