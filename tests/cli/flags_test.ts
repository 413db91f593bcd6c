import { assertEquals, assertThrows } from "@std/assert";
import {
  choice,
  defineCommand,
  integer,
  parseFlags,
  port,
  text,
  toggle,
  usage,
  UsageError,
} from "../../lib/cli/flags.ts";

const flags = {
  host: text({ value: "HOST", default: "127.0.0.1", help: "address to listen on" }),
  name: text({ value: "NAME", default: undefined, help: "your name" }),
  "tcp-port": port({ default: 9999, help: "port for the TCP room" }),
  recent: integer({ value: "N", default: 50, min: 0, max: 500, help: "messages shown" }),
  tcp: toggle({ default: true, help: "leave the TCP room out" }),
  json: toggle({ default: false, help: "events as JSON" }),
  "tcp-empty-line": choice({
    choices: ["ignore", "leave"],
    default: "ignore",
    help: "an empty line",
  }),
};

const run = () => Promise.resolve(0);
const examples = ["partyline serve --port 0"];
const serve = defineCommand({ name: "serve", summary: "open the room", flags, examples, run });
const chat = defineCommand({ ...serve, name: "chat", operand: "[URL]", examples: [] });

function parse(args: string[], env: Record<string, string> = {}) {
  return parseFlags(serve, args, (name) => env[name]);
}

const defaults = parse([]).values;

Deno.test("without flags the defaults hold, frozen", () => {
  assertEquals(defaults, {
    host: "127.0.0.1",
    name: undefined,
    "tcp-port": 9999,
    recent: 50,
    tcp: true,
    json: false,
    "tcp-empty-line": "ignore",
  });
  assertEquals(Object.isFrozen(defaults), true);
});

Deno.test("a flag is given as --flag VALUE or --flag=VALUE, a switch by its name or --no-", () => {
  const { values } = parse(["--host", "::1", "--tcp-port=0", "--no-tcp", "--json", "--name=7"]);
  assertEquals(values, {
    ...defaults,
    host: "::1",
    "tcp-port": 0,
    tcp: false,
    json: true,
    name: "7",
  });
  assertEquals(parse(["--recent", "1", "--recent", "2"]).values.recent, 2);
  assertEquals(parse(["--json=false", "--tcp"]).values, defaults);
});

Deno.test("the environment completes the command line, and the command line wins", () => {
  const env = {
    PARTYLINE_TCP_PORT: "7",
    PARTYLINE_RECENT: "0",
    PARTYLINE_TCP: "0",
    PARTYLINE_JSON: "yes",
    PARTYLINE_HOST: "",
    PARTYLINE_TCP_EMPTY_LINE: "leave",
  };
  assertEquals(parse(["--recent=9"], env).values, {
    ...defaults,
    "tcp-port": 7,
    recent: 9,
    tcp: false,
    json: true,
    "tcp-empty-line": "leave",
  });
  assertEquals(parse(["--tcp", "--no-json"], env).values.tcp, true);
  assertEquals(parse(["--tcp", "--no-json"], env).values.json, false);
});

Deno.test("a bad value names the flag or the variable, the value and what is accepted", () => {
  const cases: [string[], Record<string, string>, string][] = [
    [["--tcp-port", "70000"], {}, '--tcp-port "70000": wanted a whole number from 0 to 65535'],
    [["--tcp-port", "0x10"], {}, '--tcp-port "0x10": wanted a whole number from 0 to 65535'],
    [["--tcp-port="], {}, '--tcp-port "": wanted a whole number from 0 to 65535'],
    [["--recent"], {}, '--recent "": wanted a whole number from 0 to 500'],
    [["--recent=-1"], {}, '--recent "-1": wanted a whole number from 0 to 500'],
    [["--recent=1.5"], {}, '--recent "1.5": wanted a whole number from 0 to 500'],
    [["--host="], {}, '--host "": wanted a HOST'],
    [["--tcp-empty-line=maybe"], {}, '--tcp-empty-line "maybe": wanted ignore or leave'],
    [[], { PARTYLINE_TCP: "maybe" }, 'PARTYLINE_TCP "maybe": wanted 1 or 0'],
    [
      [],
      { PARTYLINE_RECENT: "501" },
      'PARTYLINE_RECENT "501": wanted a whole number from 0 to 500',
    ],
  ];
  for (const [args, env, message] of cases) {
    assertEquals(assertThrows(() => parse(args, env), UsageError).message, message);
  }
});

Deno.test("a flag or an argument that is not the command's is refused", () => {
  const cases: [string[], string][] = [
    [["--prot=1"], "unknown flag --prot=1; see --help"],
    [["--prot", "1"], "unknown flag --prot; see --help"],
    [["-x"], "unknown flag -x; see --help"],
    [["--no-host"], "unknown flag --no-host; see --help"],
    [["--constructor"], "unknown flag --constructor; see --help"],
    [["room"], 'unexpected argument "room"; see --help'],
    [["--json", "room"], 'unexpected argument "room"; see --help'],
    [["--", "--host=x"], 'unexpected argument "--host=x"; see --help'],
  ];
  for (const [args, message] of cases) {
    assertEquals(assertThrows(() => parse(args), UsageError).message, message, args.join(" "));
  }
});

Deno.test("a command with an operand takes one, as it was typed", () => {
  const parseChat = (...args: string[]) => parseFlags(chat, args, () => undefined);
  assertEquals(parseChat().operand, undefined);
  assertEquals(parseChat("ws://host/", "--json").operand, "ws://host/");
  assertEquals(parseChat("--json", "007").operand, "007");
  assertEquals(parseChat("--", "--host=x").operand, "--host=x");
  assertEquals(parseChat("--", "--host=x").values.host, "127.0.0.1");
  assertEquals(
    assertThrows(() => parseChat("a", "b"), UsageError).message,
    'unexpected argument "b"; see --help',
  );
});

Deno.test("--help and --version are seen, and help shows every flag with its default", () => {
  assertEquals([parse(["--help"]).help, parse(["-h"]).help, parse([]).help], [true, true, false]);
  assertEquals([parse(["--version"]).version, parse([]).version], [true, false]);
  assertEquals(
    usage(serve),
    `partyline serve: open the room

Usage: partyline serve [flags]

  --host HOST                    address to listen on (default 127.0.0.1)
  --name NAME                    your name
  --tcp-port PORT                port for the TCP room (default 9999)
  --recent N                     messages shown (default 50)
  --no-tcp                       leave the TCP room out
  --json                         events as JSON
  --tcp-empty-line ignore|leave  an empty line (default ignore)
  --help                         show this
  --version                      show the version

Each flag is also an environment variable: --tcp-port is PARTYLINE_TCP_PORT. The flag wins.

Examples:
  partyline serve --port 0`,
  );
  assertEquals(usage(chat).split("\n")[2], "Usage: partyline chat [flags] [URL]");
});
