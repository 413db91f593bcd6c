import { type CliCommand, type Flags, parseFlags, usage, UsageError } from "./flags.ts";
import { StartupError } from "../base/startup_error.ts";
import { VERSION } from "../base/version.ts";

interface Entry {
  readonly summary: string;
  load(): Promise<CliCommand<Flags>>;
}

/** Each command is a file, loaded when it is asked for. */
const COMMANDS: Record<string, Entry> = {
  serve: {
    summary: "open the room: HTTP, WebSocket and TCP (the default)",
    load: async () => (await import("./serve.ts")).command,
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
  if (first === "--version") return print(`partyline ${VERSION}`);
  if (first === "--help" || first === "-h" || first === "help") return print(overview());
  try {
    const entry = first.startsWith("-") ? COMMANDS.serve : COMMANDS[first];
    if (!entry) {
      throw new UsageError(
        `unknown command "${first}"; wanted ${Object.keys(COMMANDS).join(", ")}`,
      );
    }
    const command = await entry.load();
    const env = (name: string) => Deno.env.get(name);
    const parsed = parseFlags(command, first.startsWith("-") ? args : rest, env);
    if (parsed.help) return print(usage(command));
    if (parsed.version) return print(`partyline ${VERSION}`);
    return await command.run(parsed.values, parsed.operand);
  } catch (error) {
    if (error instanceof UsageError) return complain(error.message, 2);
    if (error instanceof StartupError) return complain(error.message, 1);
    throw error;
  }
}

function print(text: string): number {
  console.log(text);
  return 0;
}

function complain(message: string, code: number): number {
  console.error(`partyline: ${message}`);
  return code;
}

function overview(): string {
  const rows = Object.entries(COMMANDS).map(([name, { summary }]) =>
    `  ${name.padEnd(8)}${summary}`
  );
  return [
    "partyline: one chat room over every kind of long connection",
    "",
    "Usage: partyline COMMAND [flags]; partyline COMMAND --help tells its flags",
    "",
    ...rows,
  ].join("\n");
}
