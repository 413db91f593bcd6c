import {
  type CliCommand,
  type Flags,
  integer,
  parseFlags,
  usage,
  UsageError,
} from "../../../lib/cli/flags/mod.ts";

/** Runs a long test as a program, with `--help` and clear errors, and exits with its code. */
export async function runTool<F extends Flags>(command: CliCommand<F>): Promise<never> {
  try {
    const { help, values, operands } = parseFlags(command, Deno.args, {});
    if (help) {
      console.log(usage(command));
      Deno.exit(0);
    }
    Deno.exit(await command.run(values, ...operands));
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    console.error(error.message);
    Deno.exit(2);
  }
}

/** A number of something, from 1. */
export function count(value: number, help: string, max = 1_000_000) {
  return integer({ value: "N", default: value, min: 1, max, help });
}

export const seedFlag = integer({
  value: "N",
  default: Date.now() % 1_000_000,
  min: 0,
  max: 2 ** 31,
  help: "to have the same chance again",
});

/** Rows of a name and a value, aligned. */
export function printTable(rows: Readonly<Record<string, string | number>>): void {
  const width = Math.max(...Object.keys(rows).map((name) => name.length)) + 2;
  for (const [name, value] of Object.entries(rows)) console.log(name.padEnd(width) + value);
}
