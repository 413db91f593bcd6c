import { parseCursor } from "../../model/cursor.ts";
import { defineCommand, type Flag, text, toggle, UsageError } from "../flags/mod.ts";
import { printable } from "../../model/names.ts";
import { parseName } from "../../names/mod.ts";
import { StartupError } from "../../base/startup_error.ts";
import { type JoinOptions, TurnedAway, Unreachable } from "../../client/mod.ts";
import { askSilently, terminal } from "../password/ask.ts";
import { passwordFlags, readPassword } from "../password/password.ts";
import { writeAll } from "./output.ts";
import { chatInPipe } from "./pipe.ts";
import { baseOf, joinRoom } from "./room_url.ts";
import { sendFile } from "./send.ts";
import { chatOnTerminal } from "./terminal.ts";
import { reasonOf } from "../reason.ts";
import { Interrupt } from "../interrupt.ts";

const DEFAULT_URL = "http://127.0.0.1:8080";
/** A person waits as long as they like; a script wants to know. */
const GIVE_UP_MS = 60_000;
const QUESTION = "The password of the room: ";
/** After that many wrong passwords somebody may as well start anew. */
const ASK_AT_MOST = 3;
/** The status for a host name that the server does not go by. */
const MISDIRECTED = 421;

const flags = {
  name: checked({
    ...text({ value: "NAME", default: undefined, help: "your name; a guest's without" }),
    check: parseName,
  }),
  since: checked({
    ...text({ value: "CURSOR", default: undefined, help: "go on after that message, as 46" }),
    check(raw) {
      if (!parseCursor(raw)) throw new Error("wanted a number, or <epoch>-<number>");
    },
  }),
  token: text({ value: "TOKEN", default: undefined, help: "come back as who you were" }),
  send: text({
    value: "FILE",
    default: undefined,
    help: "send a file as a message, with TEXT if there is one, and leave",
  }),
  json: toggle({ default: false, help: "print events as lines of JSON" }),
  quiet: toggle({ default: false, help: "print messages and nothing else" }),
  ...passwordFlags,
  "ask-password": toggle({
    default: false,
    help: "ask for the password at the start; where it is needed it is asked for anyway",
  }),
};

/** `deno task chat`: the room from a terminal, or from a script. */
export const command = defineCommand({
  name: "chat",
  summary: "join a room from the terminal",
  operand: "[URL] [TEXT]",
  flags,
  examples: [
    "deno task chat --name ann                         # the room of deno task start",
    "deno task chat tcp://127.0.0.1:9999               # or sse+http://127.0.0.1:8080",
    "dmesg --follow | deno task chat --name kernel     # in a pipe, each line is a message",
    "deno task chat --json --quiet --since 0 </dev/null",
    'deno task chat --name ann --send photo.png "our garden"',
    "PARTYLINE_TOKEN=$(cat token) deno task chat       # others of the machine see a command line",
  ],
  async run({ name, since, token, send, json, quiet, ...given }, ...operands) {
    const { operand, message } = readOperands(operands, send);
    const file = readPassword(given)?.text;
    using interrupt = new Interrupt();
    const interactive = Deno.stdin.isTerminal() && Deno.stdout.isTerminal() && !json;
    const colour = Deno.stdout.isTerminal() && !Deno.noColor;
    const giveUpMs = interactive ? Infinity : GIVE_UP_MS;
    const chat = async (options: JoinOptions): Promise<number> => {
      await using client = joinRoom(operand, options);
      if (send !== undefined) {
        return await sendFile(client, {
          path: send,
          text: message,
          signal: interrupt.signal,
          print: (line) => writeAll(Deno.stdout, line + "\n"),
          progress: Deno.stderr.isTerminal()
            ? (text) => writeAll(Deno.stderr, `\r\x1b[K${printable(text)}`)
            : undefined,
        });
      }
      const base = baseOf(operand);
      if (interactive) return await chatOnTerminal(client, { quiet, colour, interrupt, base });
      return await chatInPipe(client, {
        input: Deno.stdin.readable,
        print: (line) => writeAll(Deno.stdout, line + "\n"),
        complain: (line) => writeAll(Deno.stderr, line + "\n"),
      }, { json, quiet, colour, base, signal: interrupt.signal });
    };
    let password = file;
    let ask = interactive && given["ask-password"];
    for (let tries = 0;; tries++) {
      if (ask) password = await askSilently(terminal, QUESTION);
      if (ask && password === undefined) return 0;
      try {
        return await chat({ name, since, token, giveUpMs, password });
      } catch (cause) {
        ask = interactive && cause instanceof TurnedAway && cause.code === "unauthorized";
        if (!ask || tries === ASK_AT_MOST) throw explain(operand, cause, password !== undefined);
        if (password !== undefined) complain(cause as TurnedAway);
      }
    }
  },
});

/** The URL and the text: with a file, what is no URL is the text. */
function readOperands(
  [first, second]: readonly (string | undefined)[],
  send: string | undefined,
): { readonly operand: string; readonly message: string } {
  const isUrl = send === undefined || first === undefined || /^[a-z+]+:\/\/\S+$/.test(first);
  const [operand = DEFAULT_URL, text, more] = isUrl ? [first, second] : [undefined, first, second];
  const surplus = send === undefined ? text : more;
  if (surplus !== undefined) throw new UsageError(`unexpected argument "${surplus}"; see --help`);
  if (send !== undefined && baseOf(operand) === undefined) {
    throw new UsageError(`"${operand}": files go over HTTP; wanted http://HOST:PORT, or with TLS`);
  }
  return { operand, message: text ?? "" };
}

function complain({ message }: TurnedAway): void {
  writeAll(Deno.stderr, `! ${message}\n`);
}

/** Why the room cannot be joined, and what may help. What is no such error comes back as it is. */
function explain(operand: string, cause: unknown, gavePassword: boolean): unknown {
  if (cause instanceof TurnedAway && cause.status === MISDIRECTED) {
    const name = URL.parse(operand.replace(/^sse\+/, ""))?.hostname;
    return new StartupError(
      `turned away by ${operand}: the server does not know the host name "${name}"; ` +
        `its operator can allow it by --allow-host ${name}`,
      { cause },
    );
  }
  if (cause instanceof TurnedAway && cause.code === "unauthorized" && !gavePassword) {
    return new StartupError(
      `turned away by ${operand}: the room has a password; ` +
        "give it by --password-file FILE, or in PARTYLINE_PASSWORD",
      { cause },
    );
  }
  if (cause instanceof TurnedAway) {
    return new StartupError(`turned away by ${operand}: ${cause.message}`, { cause });
  }
  if (!(cause instanceof Unreachable)) return cause;
  const hint = "is it the right address, and does the server run (deno task start)?";
  return new StartupError(`cannot reach ${operand}: ${reasonOf(cause)}; ${hint}`, { cause });
}

/** A flag whose value must also pass a check that throws. */
function checked(
  { check, ...flag }: Flag<string | undefined> & { check(raw: string): unknown },
): Flag<string | undefined> {
  return {
    ...flag,
    parse(raw) {
      check(raw);
      return raw;
    },
  };
}
