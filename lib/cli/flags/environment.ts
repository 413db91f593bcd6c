import { UsageError } from "./command.ts";
import type { Flags } from "./flag.ts";

/** The variables of the environment by name; one that is empty counts as not set. */
export type Environment = Readonly<Record<string, string>>;

const PREFIX = "PARTYLINE_";
/** For the project's own tests, which give them meaning: no program judges them. */
const FOR_TESTS = "PARTYLINE_TEST_";

/** The variable of a flag: `--tcp-port` is `PARTYLINE_TCP_PORT`. */
export function variableOf(flag: string): string {
  return PREFIX + flag.replaceAll("-", "_").toUpperCase();
}

/** All variables that these flags have: a switch has two, `PARTYLINE_TCP` and `PARTYLINE_NO_TCP`. */
export function variablesOf(flags: Flags): string[] {
  return Object.entries(flags).flatMap(([name, { value }]) =>
    value === undefined ? [variableOf(name), variableOf(`no-${name}`)] : [variableOf(name)]
  );
}

/** The variables that are set and that none of these flags has, of those that are the program's. */
export function unknownVariables(env: Environment, flags: readonly Flags[]): string[] {
  const known = new Set(flags.flatMap(variablesOf));
  return Object.keys(env).filter((name) =>
    name.startsWith(PREFIX) && !name.startsWith(FOR_TESTS) && env[name] !== "" && !known.has(name)
  );
}

/** What the environment says of a flag, and where; undefined where it says nothing. */
export function fromEnvironment(
  env: Environment,
  name: string,
  options: { isSwitch: boolean },
): { variable: string; raw: string; negated: boolean } | undefined {
  const plain = variableOf(name);
  const negated = variableOf(`no-${name}`);
  const raw = own(env, plain);
  const opposite = options.isSwitch ? own(env, negated) : undefined;
  if (raw !== undefined && opposite !== undefined) {
    throw new UsageError(`${plain} and ${negated} are the same switch; set one of them`);
  }
  if (opposite !== undefined) return { variable: negated, raw: opposite, negated: true };
  return raw === undefined ? undefined : { variable: plain, raw, negated: false };
}

function own(env: Environment, name: string): string | undefined {
  return Object.hasOwn(env, name) && env[name] !== "" ? env[name] : undefined;
}
