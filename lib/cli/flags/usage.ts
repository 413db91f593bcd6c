import type { CliCommand } from "./command.ts";
import type { Flag, Flags } from "./flag.ts";

const RULE = [
  "Each flag is also an environment variable; the command line wins:",
  "--tcp-port 7 is PARTYLINE_TCP_PORT=7, --no-tcp is PARTYLINE_NO_TCP=yes or PARTYLINE_TCP=no.",
];

/** The text of a command's `--help`. */
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
    ...RULE,
    ...(command.examples.length > 0 ? ["", "Examples:"] : []),
    ...command.examples.map((example) => `  ${example}`),
  ].join("\n");
}

function switchName(name: string, flag: Flag<unknown>): string {
  return flag.default === true ? `--no-${name}` : `--${name}`;
}
