import { parseArgs } from "@std/cli/parse-args";

/** One flag of a command: `--name VALUE`, or without `value` a switch. */
export interface Flag<T> {
  /** What stands for the value in `--help`; a flag without one is a switch. */
  readonly value?: string;
  readonly help: string;
  readonly default: T;
  /** The default as one would type it, where that is not how it prints. */
  readonly typed?: string;
  /** Throws an Error whose message says what is accepted, as `wanted …`. */
  parse(raw: string): T;
}

// deno-lint-ignore no-explicit-any -- each flag has a type of its own
export type Flags = Record<string, Flag<any>>;
export type Values<F extends Flags> = { readonly [K in keyof F]: ReturnType<F[K]["parse"]> };

export interface CliCommand<F extends Flags> {
  /** As in `partyline NAME`. */
  readonly name: string;
  readonly summary: string;
  /** What may stand beside the flags, as `[URL]`; nothing may where undefined. */
  readonly operand?: string;
  readonly flags: F;
  /** Shown under the flags in `--help`. */
  readonly examples: readonly string[];
  /** Resolves with the exit code. Throws a StartupError, or a UsageError where flags do not fit. */
  run(values: Values<F>, operand: string | undefined): Promise<number>;
}

/** Infers the types of the values from the flags. */
export function defineCommand<F extends Flags>(command: CliCommand<F>): CliCommand<F> {
  return command;
}

/** The command line, or a variable of the environment, is not what the command takes. Exit code 2. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

export interface Parsed<F extends Flags> {
  readonly values: Values<F>;
  readonly operand: string | undefined;
  readonly help: boolean;
  readonly version: boolean;
}

/**
 * The flags of a command line, completed by the environment (`--tcp-port` is `PARTYLINE_TCP_PORT`)
 * and the defaults; the command line wins. Throws a UsageError that names the flag, the value and
 * what is accepted. A switch is turned off by `--no-NAME`, or `0` in the environment.
 */
export function parseFlags<F extends Flags>(
  command: CliCommand<F>,
  args: readonly string[],
  env: (name: string) => string | undefined,
): Parsed<F> {
  const names = Object.keys(command.flags);
  const switches = names.filter((name) => command.flags[name]!.value === undefined);
  const hint = `see --help`;
  const given = parseArgs(args, {
    string: [...names.filter((name) => !switches.includes(name)), "_"],
    boolean: [...switches, "help", "version"],
    negatable: switches,
    alias: { h: "help" },
    unknown: (arg, key) => {
      if (key !== undefined) throw new UsageError(`unknown flag ${arg}; ${hint}`);
      return true;
    },
  });
  const operands = given._.map(String);
  const allowed = command.operand === undefined ? 0 : 1;
  if (operands.length > allowed) {
    throw new UsageError(`unexpected argument "${operands[allowed]}"; ${hint}`);
  }
  const values: Record<string, unknown> = {};
  const flagArgs = args.slice(0, args.includes("--") ? args.indexOf("--") : undefined);
  for (const [name, flag] of Object.entries(command.flags)) {
    const variable = `PARTYLINE_${name.replaceAll("-", "_").toUpperCase()}`;
    const inArgs = flagArgs.some((arg) => new RegExp(`^--(no-)?${name}(=|$)`).test(arg));
    const raw = inArgs ? String(given[name]) : env(variable);
    values[name] = raw === undefined || (raw === "" && !inArgs)
      ? flag.default
      : parseOne(flag, raw, inArgs ? `--${name}` : variable);
  }
  return {
    values: Object.freeze(values) as Values<F>,
    operand: operands[0],
    help: given.help === true,
    version: given.version === true,
  };
}

function parseOne(flag: Flag<unknown>, raw: string, where: string): unknown {
  try {
    return flag.parse(raw);
  } catch (error) {
    throw new UsageError(`${where} "${raw}": ${(error as Error).message}`);
  }
}

/** The text of `--help`. */
export function usage<F extends Flags>(command: CliCommand<F>): string {
  const rows = Object.entries(command.flags).map(([name, flag]) => {
    const left = flag.value === undefined ? switchName(name, flag) : `--${name} ${flag.value}`;
    const typed = flag.value === undefined ? "" : String(flag.typed ?? flag.default ?? "");
    return [left, flag.help + (typed && ` (default ${typed})`)] as const;
  });
  rows.push(["--help", "show this"], ["--version", "show the version"]);
  const width = Math.max(...rows.map(([left]) => left.length)) + 2;
  return [
    `partyline ${command.name}: ${command.summary}`,
    "",
    `Usage: partyline ${command.name} [flags]${command.operand ? " " + command.operand : ""}`,
    "",
    ...rows.map(([left, right]) => `  ${left.padEnd(width)}${right}`),
    "",
    "Each flag is also an environment variable: --tcp-port is PARTYLINE_TCP_PORT. The flag wins.",
    ...(command.examples.length > 0 ? ["", "Examples:"] : []),
    ...command.examples.map((example) => `  ${example}`),
  ].join("\n");
}

/** A switch that is on by default is shown by what turns it off. */
function switchName(name: string, flag: Flag<unknown>): string {
  return flag.default === true ? `--no-${name}` : `--${name}`;
}

// The kinds of flags.

export function text<T extends string | undefined>(
  options: { value: string; default: T; help: string },
): Flag<string | T> {
  return {
    ...options,
    parse(raw) {
      if (raw === "") throw new Error(`wanted a ${options.value}`);
      return raw;
    },
  };
}

export function integer(
  options: { value: string; default: number; help: string; min: number; max: number },
): Flag<number> {
  const { min, max } = options;
  return {
    ...options,
    parse(raw) {
      const number = /^\d{1,15}$/.test(raw) ? Number(raw) : NaN;
      if (!(number >= min && number <= max)) {
        throw new Error(`wanted a whole number from ${min} to ${max}`);
      }
      return number;
    },
  };
}

export function port(options: { default: number; help: string }): Flag<number> {
  return integer({ ...options, value: "PORT", min: 0, max: 65535 });
}

export function choice<const T extends string>(
  options: { choices: readonly T[]; default: T; help: string },
): Flag<T> {
  const { choices } = options;
  return {
    value: choices.join("|"),
    help: options.help,
    default: options.default,
    parse(raw) {
      const found = choices.find((choice) => choice === raw);
      if (found === undefined) throw new Error(`wanted ${choices.join(" or ")}`);
      return found;
    },
  };
}

export function toggle(options: { default: boolean; help: string }): Flag<boolean> {
  return {
    ...options,
    parse(raw) {
      if (["true", "1", "yes", "on"].includes(raw)) return true;
      if (["false", "0", "no", "off"].includes(raw)) return false;
      throw new Error("wanted 1 or 0");
    },
  };
}
