/** What a command takes: its flags, from the command line and the environment, and the text of `--help`. */

export { type CliCommand, defineCommand, UsageError } from "./command.ts";
export { type Environment, unknownVariables, variablesOf } from "./environment.ts";
export type { Flag, Flags, Values } from "./flag.ts";
export { choice, integer, port, seconds, secret, text, toggle } from "./kinds.ts";
export { type Parsed, parseFlags } from "./parse.ts";
export { usage } from "./usage.ts";
