import { StartupError } from "../base/startup_error.ts";
import { VERSION } from "../base/version.ts";
import {
  type CliCommand,
  type Environment,
  type Flags,
  parseFlags,
  unknownVariables,
  usage,
  UsageError,
  type Values,
} from "./flags/mod.ts";
import { confine, type Touched } from "./process/confine.ts";
import { readEnvironment } from "./process/environment.ts";

interface Entry {
  readonly summary: string;
  load(): Promise<CliCommand<Flags>>;
}

/** Each command is a file or a folder, loaded when it is asked for. */
const COMMANDS: Record<string, Entry> = {
  serve: {
    summary: "open the room: HTTP, WebSocket and TCP (the default)",
    load: async () => (await import("./serve/serve.ts")).command,
  },
  tcp: {
    summary: "send every byte back over TCP",
    load: async () => (await import("./tcp.ts")).command,
  },
  export: {
    summary: "write the history as lines of JSON",
    load: async () => (await import("./export.ts")).command,
  },
  import: {
    summary: "read what export wrote into an empty data directory",
    load: async () => (await import("./import.ts")).command,
  },
  backup: {
    summary: "copy the history while the server runs",
    load: async () => (await import("./backup.ts")).command,
  },
  operator: {
    summary: "make a token for somebody who keeps order",
    load: async () => (await import("./operator.ts")).command,
  },
  chat: {
    summary: "join a room from the terminal",
    load: async () => (await import("./chat/chat.ts")).command,
  },
  ping: {
    summary: "measure one long connection",
    load: async () => (await import("./ping/ping.ts")).command,
  },
};

/**
 * Runs the command that the arguments name and resolves with its exit code: 0 done, 1 cannot, 2 the
 * command line is wrong; the reason goes to standard error in one line.
 */
export async function run(args: readonly string[]): Promise<number> {
  const [first = "serve", ...rest] = args;
  if (first === "--version") return say(`partyline ${VERSION}`);
  if (first === "--help" || first === "-h" || first === "help") return say(overview());
  try {
    const command = await load(first.startsWith("-") ? "serve" : first);
    const env = readEnvironment(command.flags);
    const parsed = parseFlags(command, first.startsWith("-") ? args : rest, env);
    if (parsed.help) return say(usage(command));
    if (parsed.version) return say(`partyline ${VERSION}`);
    await refuseUnknown(env, command);
    const { read, write } = command.touches?.(parsed.values, parsed.operands[0]) ??
      dataOf(parsed.values);
    confine({ read: [...read, ...filesOf(command.flags, parsed.values)], write });
    return await command.run(parsed.values, ...parsed.operands);
  } catch (error) {
    if (error instanceof UsageError) return complain(error.message, 2);
    if (error instanceof StartupError) return complain(error.message, 1);
    throw error;
  }
}

/** The data folder, where the command has one. */
function dataOf({ data }: Values<Flags>): Touched {
  const folders = typeof data === "string" ? [data] : [];
  return { read: folders, write: folders };
}

/** What flags of the kind `--tls-key FILE` name is there to be read. */
function filesOf(flags: Flags, values: Values<Flags>): string[] {
  const named = Object.keys(flags).filter((name) => flags[name]!.value === "FILE");
  return named.map((name) => values[name]).filter((path) =>
    typeof path === "string" && path !== ""
  );
}

function load(name: string): Promise<CliCommand<Flags>> {
  const entry = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (entry) return entry.load();
  throw new UsageError(`unknown command "${name}"; wanted ${Object.keys(COMMANDS).join(", ")}`);
}

/** A variable may be another command's: the same environment is there for all of them. */
async function refuseUnknown(env: Environment, command: CliCommand<Flags>): Promise<void> {
  if (unknownVariables(env, [command.flags]).length === 0) return;
  const commands = await Promise.all(Object.values(COMMANDS).map((entry) => entry.load()));
  const [unknown] = unknownVariables(env, commands.map(({ flags }) => flags));
  if (unknown !== undefined) throw new UsageError(`unknown variable ${unknown}; see --help`);
}

function say(text: string): number {
  console.log(text);
  return 0;
}

function complain(message: string, code: number): number {
  console.error(`partyline: ${message}`);
  return code;
}

function overview(): string {
  const rows = Object.entries(COMMANDS).map(([name, { summary }]) =>
    `  ${name.padEnd(10)}${summary}`
  );
  return [
    "partyline: one chat room over every kind of long connection",
    "",
    "Usage: partyline COMMAND [flags]; partyline COMMAND --help shows its flags",
    "",
    ...rows,
  ].join("\n");
}
