import { assertEquals } from "@std/assert";
import {
  choice,
  defineCommand,
  integer,
  port,
  text,
  toggle,
  usage,
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

Deno.test("--help shows every flag with its default, and the rule for variables", () => {
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

Each flag is also an environment variable: --host is PARTYLINE_HOST, --no-tcp is PARTYLINE_NO_TCP=yes. The command line wins.

Examples:
  partyline serve --port 0`,
  );
  assertEquals(usage(chat).split("\n")[2], "Usage: partyline chat [flags] [URL]");
});
