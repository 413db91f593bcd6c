import type { CliCommand } from "./command.ts";
import { variableOf } from "./environment.ts";
import type { Flag, Flags } from "./flag.ts";

/** The text of a command's `--help`. */
export function usage<F extends Flags>(command: CliCommand<F>): string {
  const rows = Object.entries(command.flags).map(([name, flag]) => {
    const left = leftOf(name, flag);
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
    rule(command.flags),
    ...(command.examples.length > 0 ? ["", "Examples:"] : []),
    ...command.examples.map((example) => `  ${example}`),
  ].join("\n");
}

function leftOf(name: string, flag: Flag<unknown>): string {
  if (flag.secret) return `${variableOf(name)}=${flag.value}`;
  return flag.value === undefined ? switchName(name, flag) : `--${name} ${flag.value}`;
}

function switchName(name: string, flag: Flag<unknown>): string {
  return flag.default === true ? `--no-${name}` : `--${name}`;
}

/** How the flags are set by the environment, shown by the command's own. */
function rule(flags: Flags): string {
  const all = Object.entries(flags);
  const valued = all.find(([, { value, secret }]) => value !== undefined && !secret);
  const toggled = all.find(([, { value }]) => value === undefined);
  const examples = [
    ...valued ? [`--${valued[0]} is ${variableOf(valued[0])}`] : [],
    ...toggled
      ? [`${switchName(...toggled)} is ${variableOf(switchName(...toggled).slice(2))}=yes`]
      : [],
  ].join(", ");
  return `Each flag is also an environment variable: ${examples}. The command line wins.`;
}
