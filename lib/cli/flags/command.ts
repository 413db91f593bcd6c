import type { Touched } from "../process/confine.ts";
import type { Flags, Values } from "./flag.ts";

/** A command of the program: what it takes, and what it does with it. */
export interface CliCommand<F extends Flags> {
  /** As in `partyline NAME`. */
  readonly name: string;
  readonly summary: string;
  /** Placeholders for the arguments beside the flags, as `[URL]`, separated by spaces; undefined: there are none. */
  readonly operand?: string;
  readonly flags: F;
  /** Shown under the flags in `--help`. */
  readonly examples: readonly string[];
  /**
   * Where it reads and writes files; if left out, in the folder that `--data` names, or nowhere. All
   * other places are closed to it, but for files that flags of the value FILE name, which it may read.
   */
  touches?(values: Values<F>, operand: string | undefined): Touched;
  /** Resolves with the exit code. Throws a StartupError, or a UsageError where flags do not fit. */
  run(values: Values<F>, ...operands: (string | undefined)[]): Promise<number>;
}

/** Infers the types of the values from the flags. */
export function defineCommand<F extends Flags>(command: CliCommand<F>): CliCommand<F> {
  return command;
}

/** The command does not take this command line, or this variable of the environment. Exit code 2. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}
