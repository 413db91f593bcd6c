import { assertEquals, assertThrows } from "@std/assert";
import {
  choice,
  defineCommand,
  integer,
  parseFlags,
  port,
  seconds,
  text,
  toggle,
  unknownVariables,
  UsageError,
} from "../../../lib/cli/flags/mod.ts";

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
  return parseFlags(serve, args, env);
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

Deno.test("a switch means the same however it is spelled, and the last one counts", () => {
  const off: [string[], Record<string, string>][] = [
    [["--no-tcp"], {}],
    [["--tcp=no"], {}],
    [["--no-tcp=true"], {}],
    [["--tcp", "--no-tcp=1"], {}],
    [[], { PARTYLINE_TCP: "false" }],
    [[], { PARTYLINE_NO_TCP: "true" }],
    [["--tcp=off"], { PARTYLINE_NO_TCP: "no" }],
  ];
  for (const [args, env] of off) {
    assertEquals(parse(args, env).values, { ...defaults, tcp: false }, JSON.stringify([args, env]));
  }
  const on: [string[], Record<string, string>][] = [
    [["--no-tcp=false"], {}],
    [["--no-tcp", "--tcp=yes"], {}],
    [[], { PARTYLINE_NO_TCP: "0" }],
    [["--tcp"], { PARTYLINE_NO_TCP: "1" }],
    [[], { PARTYLINE_NO_TCP: "", PARTYLINE_TCP: "on" }],
  ];
  for (const [args, env] of on) {
    assertEquals(parse(args, env).values, defaults, JSON.stringify([args, env]));
  }
});

Deno.test("a variable that no flag has is noticed; an empty one and those for tests are not", () => {
  const env = {
    PARTYLINE_TPC_PORT: "7",
    PARTYLINE_NO_HOST: "1",
    PARTYLINE_NO_JSON: "1",
    PARTYLINE_RECENT: "7",
    PARTYLINE_OLD: "",
    PARTYLINE_TEST_REQUIRE: "browser",
    PATH: "/bin",
  };
  assertEquals(unknownVariables(env, [flags]), ["PARTYLINE_TPC_PORT", "PARTYLINE_NO_HOST"]);
  assertEquals(unknownVariables({ PARTYLINE_NAME: "ann" }, [{ host: flags.host }, flags]), []);
});

Deno.test("seconds have fractions and a range", () => {
  const flag = seconds({ default: 1, min: 0.5, max: 60, help: "between two" });
  assertEquals([flag.parse("0.5"), flag.parse("60")], [0.5, 60]);
  for (const raw of ["0.4", "60.1", "1e1", "-1", ".5", "1.", "", "x"]) {
    assertThrows(() => flag.parse(raw), Error, "wanted seconds from 0.5 to 60");
  }
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
    [["--tcp=maybe"], {}, '--tcp "maybe": wanted yes or no'],
    [["--no-tcp="], {}, '--no-tcp "": wanted yes or no'],
    [[], { PARTYLINE_NO_TCP: "maybe" }, 'PARTYLINE_NO_TCP "maybe": wanted yes or no'],
    [
      [],
      { PARTYLINE_NO_TCP: "1", PARTYLINE_TCP: "1" },
      "PARTYLINE_TCP and PARTYLINE_NO_TCP are the same switch; set one of them",
    ],
    [["--tcp-empty-line=maybe"], {}, '--tcp-empty-line "maybe": wanted ignore or leave'],
    [[], { PARTYLINE_TCP: "maybe" }, 'PARTYLINE_TCP "maybe": wanted yes or no'],
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
    [["--__proto__=1"], "unknown flag --__proto__=1; see --help"],
    [["--no-constructor=no"], "unknown flag --no-constructor=no; see --help"],
    [["room"], 'unexpected argument "room"; see --help'],
    [["--json", "room"], 'unexpected argument "room"; see --help'],
    [["--", "--host=x"], 'unexpected argument "--host=x"; see --help'],
  ];
  for (const [args, message] of cases) {
    assertEquals(assertThrows(() => parse(args), UsageError).message, message, args.join(" "));
  }
});

Deno.test("a command with an operand takes one, as it was typed", () => {
  const parseChat = (...args: string[]) => parseFlags(chat, args, {});
  assertEquals(parseChat().operands, []);
  assertEquals(parseChat("ws://host/", "--json").operands, ["ws://host/"]);
  assertEquals(parseChat("--json", "007").operands, ["007"]);
  assertEquals(parseChat("--", "--host=x").operands, ["--host=x"]);
  assertEquals(parseChat("--", "--host=x").values.host, "127.0.0.1");
  assertEquals(
    assertThrows(() => parseChat("a", "b"), UsageError).message,
    'unexpected argument "b"; see --help',
  );
});

Deno.test("--help and --version are seen", () => {
  assertEquals([parse(["--help"]).help, parse(["-h"]).help, parse([]).help], [true, true, false]);
  assertEquals([parse(["--version"]).version, parse([]).version], [true, false]);
});
