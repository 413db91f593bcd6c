import type { Case } from "./case.ts";

/** Whether these, at a server that has just started, go wrong as well. */
type Fails = (attempts: readonly Case[]) => Promise<boolean>;

/**
 * The least of the attempts that still fails, found by leaving out what can be left out: connections,
 * then steps, then bytes, in halves and then in ever smaller parts. Gives up what is left at `until`.
 */
export async function makeSmaller(
  attempts: readonly Case[],
  fails: Fails,
  until: number,
): Promise<readonly Case[]> {
  const isOver = () => performance.now() > until;
  // Mostly it is one alone.
  for (const one of attempts.length > 1 ? attempts : []) {
    if (isOver()) return attempts;
    if (!await fails([one])) continue;
    attempts = [one];
    break;
  }
  attempts = await without(attempts, fails, isOver);
  for (const i of attempts.keys()) {
    const withSteps = (steps: Case["steps"]) => attempts.with(i, { ...attempts[i]!, steps });
    const steps = await without(
      attempts[i]!.steps,
      (steps) => fails(withSteps(steps)),
      isOver,
    );
    attempts = withSteps(steps);
    for (const [j, step] of steps.entries()) {
      if (typeof step === "string") continue;
      const withBytes = (bytes: readonly number[]) => {
        return withSteps(attempts[i]!.steps.with(j, new Uint8Array(bytes)));
      };
      const bytes = await without([...step], (bytes) => fails(withBytes(bytes)), isOver);
      attempts = withBytes(bytes);
    }
  }
  return attempts;
}

/** What is left of the items when no part can be left out any more without that it passes. */
async function without<T>(
  items: readonly T[],
  fails: (items: readonly T[]) => Promise<boolean>,
  isOver: () => boolean,
): Promise<readonly T[]> {
  for (let size = Math.ceil(items.length / 2); size >= 1; size = Math.floor(size / 2)) {
    for (let at = 0; at < items.length && items.length > 1;) {
      if (isOver()) return items;
      const fewer = items.toSpliced(at, size);
      if (fewer.length > 0 && await fails(fewer)) items = fewer;
      else at += size;
    }
  }
  return items;
}
