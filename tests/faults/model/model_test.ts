import fc from "fast-check";
import { type Plan, Stage } from "./stage.ts";
import type { Story } from "./story.ts";

const SESSIONS = ["ann", "bob", "cy", "dee"];
const IDS = [undefined, undefined, "a", "b", "c"];
const RUNS = 25;
const STEPS = 160;
/** So many pings that everything else has fallen out of the tail. */
const HOURS_MS = 5 * 60 * 60 * 1000;

interface Step {
  readonly name: string;
  readonly args: readonly unknown[];
  act(stage: Stage): unknown;
}

/** A step of the play; one that needs somebody who is not there is left out by itself. */
function step<A extends unknown[]>(
  name: string,
  args: { [K in keyof A]: fc.Arbitrary<A[K]> },
  act: (stage: Stage, ...args: A) => unknown,
): fc.Arbitrary<fc.AsyncCommand<Story, Stage>> {
  return fc.tuple(...args).map((given) => {
    const values = given as unknown as A;
    return new Command({ name, args: values, act: (stage) => act(stage, ...values) });
  });
}

class Command implements fc.AsyncCommand<Story, Stage> {
  readonly #step: Step;

  constructor(step: Step) {
    this.#step = step;
  }

  check(): boolean {
    return true;
  }

  async run(_: Story, stage: Stage): Promise<void> {
    await this.#step.act(stage);
    await stage.check();
  }

  toString(): string {
    return `${this.#step.name}(${this.#step.args.map((arg) => JSON.stringify(arg)).join(", ")})`;
  }
}

const session = fc.constantFrom(...SESSIONS);
const id = fc.constantFrom(...IDS);
const somebody = fc.nat(20);
const chosen = ({ spectators }: Stage, n: number) => spectators[n % spectators.length];

const type = fc.constantFrom<Plan["type"]>(
  ...["message", "message", "message", "answer", "edit", "delete"] as const,
  ...["reaction", "reaction"] as const,
);
/** Mostly one of the newest, so that much becomes of them. */
const place = fc.oneof(fc.nat(12), fc.nat(12), fc.nat(300));
const plan = fc.record({
  session,
  id,
  type,
  place,
  emoji: fc.constantFrom("👍", "🎉", "❤️"),
  on: fc.constantFrom(true, true, false),
});

const play = fc.commands([
  step("act", [plan], (stage, plan) => stage.act([plan])),
  step(
    "act together",
    [fc.array(plan, { minLength: 2, maxLength: 30 })],
    (stage, plans) => stage.act(plans),
  ),
  step("join", [session], (stage, session) => stage.join(session, undefined)),
  step("come back", [session, fc.nat(1000)], (stage, session, n) => {
    return stage.join(session, n % (stage.story.last + 1));
  }),
  step("come stalled", [session], (stage, session) => stage.join(session, undefined, true)),
  step("leave", [somebody, fc.boolean()], (stage, n, goodbye) => {
    const one = chosen(stage, n);
    if (one) stage.leave(one, goodbye);
  }),
  step("rename", [somebody, fc.nat(3)], (stage, n, name) => {
    const one = chosen(stage, n);
    if (one) stage.rename(one, `${one.session}${name}`);
  }),
  step("stall", [somebody], (stage, n) => chosen(stage, n)?.stall()),
  step("resume", [somebody], (stage, n) => chosen(stage, n)?.resume()),
  step("look", [], async (stage) => {
    await stage.check();
    await stage.checkMessages();
  }),
  step("wait", [fc.constantFrom(1, 600, 4999, 5000, 16_000, HOURS_MS)], (stage, ms) => {
    return stage.advance(ms);
  }),
  step("trim", [fc.nat(30), fc.integer({ min: 1, max: 9 })], (stage, kept, step) => {
    return stage.trim(stage.story.last - kept, step);
  }),
  step("restart", [fc.boolean()], (stage, drained) => stage.restart(drained)),
], { maxCommands: STEPS, size: "max" });

Deno.test("whatever people do, all who read see one order without a hole, the same messages as they are now, and the same people", async () => {
  const directory = await Deno.makeTempDir({ prefix: "partyline-" });
  let run = 0;
  try {
    await fc.assert(
      fc.asyncProperty(play, async (commands) => {
        await using stage = new Stage(`${directory}/${run++}.db`);
        await fc.asyncModelRun(() => ({ model: stage.story, real: stage }), commands);
        // Whoever was held up until now finds everything, or is told what is not there any more.
        for (const spectator of stage.spectators) spectator.resume();
        await stage.check();
        await stage.checkMessages();
      }),
      { numRuns: RUNS },
    );
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
});
