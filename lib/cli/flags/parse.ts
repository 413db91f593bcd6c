import { parseArgs } from "@std/cli/parse-args";
import { type CliCommand, UsageError } from "./command.ts";
import { type Environment, fromEnvironment, variableOf } from "./environment.ts";
import type { Flag, Flags, Values } from "./flag.ts";

export interface Parsed<F extends Flags> {
  readonly values: Values<F>;
  readonly operands: readonly string[];
  readonly help: boolean;
  readonly version: boolean;
}

/** What parseArgs returns: it infers the values' types from literal names only, and these are not. */
type Given = { _: (string | number)[] } & Record<string, unknown>;

/**
 * The flags of a command line, completed by the environment and then by the defaults. One rule holds
 * for all: `--tcp-port 7` is `--tcp-port=7` and `PARTYLINE_TCP_PORT=7`; a switch takes a value too, so
 * that `--no-tcp` is `--tcp=no`, `PARTYLINE_NO_TCP=yes` and `PARTYLINE_TCP=no`. Of several on the
 * command line the last counts. Throws a UsageError that names the flag or variable, the value and what
 * is accepted.
 */
export function parseFlags<F extends Flags>(
  command: CliCommand<F>,
  args: readonly string[],
  env: Environment,
): Parsed<F> {
  const names = Object.keys(command.flags);
  const isSwitch = (name: string) => command.flags[name]!.value === undefined;
  const switches = names.filter(isSwitch);
  const end = args.includes("--") ? args.indexOf("--") : args.length;
  for (const arg of args.slice(0, end)) refuseSecret(arg, command.flags);
  const plain = args.slice(0, end).map((arg) => inOneSpelling(arg, command.flags));
  const given: Given = parseArgs([...plain, ...args.slice(end)], {
    string: [...names.filter((name) => !isSwitch(name)), "_"],
    boolean: [...switches, "help", "version"],
    negatable: switches,
    alias: { h: "help" },
    unknown: (arg: string, key?: string) => {
      if (key !== undefined) throw new UsageError(`unknown flag ${arg}; see --help`);
      return true;
    },
  });
  const operands = given._.map(String);
  const allowed = command.operand?.split(" ").length ?? 0;
  if (operands.length > allowed) {
    throw new UsageError(`unexpected argument "${operands[allowed]}"; see --help`);
  }
  const isGiven = (name: string) =>
    isSwitch(name)
      // parseArgs sets a switch that was not given to false.
      ? plain.some((arg) => arg === `--${name}` || arg === `--no-${name}`)
      : given[name] !== undefined;
  const values = Object.entries(command.flags).map(([name, flag]) => {
    if (isGiven(name)) return [name, parseOne(flag, String(given[name]), `--${name}`)];
    const set = fromEnvironment(env, name, { isSwitch: isSwitch(name) });
    if (set === undefined) return [name, flag.default];
    const value = parseOne(flag, set.raw, set.variable);
    return [name, set.negated ? !value : value];
  });
  return {
    values: Object.freeze(Object.fromEntries(values)) as Values<F>,
    operands,
    help: given["help"] === true,
    version: given["version"] === true,
  };
}

function refuseSecret(arg: string, flags: Flags): void {
  const name = /^--([^=]+)/.exec(arg)?.[1] ?? "";
  if (!Object.hasOwn(flags, name) || !flags[name]!.secret) return;
  throw new UsageError(
    `--${name}: others can see a command line; set ${variableOf(name)} instead`,
  );
}

/** A switch with a value as one without: `--tcp=no` is `--no-tcp`, and `--no-tcp=no` is `--tcp`. */
function inOneSpelling(arg: string, flags: Flags): string {
  const [, no = "", name = "", raw] = /^--(no-)?([^=]+)=(.*)$/s.exec(arg) ?? [];
  const flag = Object.hasOwn(flags, name) ? flags[name] : undefined;
  if (raw === undefined || flag === undefined || flag.value !== undefined) return arg;
  const on = parseOne(flag, raw, `--${no}${name}`) !== (no !== "");
  return on ? `--${name}` : `--no-${name}`;
}

function parseOne<T>(flag: Flag<T>, raw: string, where: string): T {
  try {
    return flag.parse(raw);
  } catch (error) {
    // The password of a URL is not for the log, where this ends up.
    const shown = raw.replaceAll(/\/\/[^/@]*@/g, "//…@");
    throw new UsageError(`${where} "${shown}": ${(error as Error).message}`);
  }
}
