import { commandsOf } from "../../wire/commands.ts";
import { type LineRequest, parseLine } from "../../wire/lines.ts";
import { printable } from "../../model/names.ts";
import type { Interrupt } from "../interrupt.ts";
import { type Client, Refusal } from "../../client/mod.ts";
import { Editor } from "./editor.ts";
import { type Key, KeyDecoder } from "./keys.ts";
import { isEssential, linesOf, paint } from "./lines.ts";
import { Narrator } from "./narrator.ts";
import { writeAll } from "./output.ts";
import { LineScreen } from "./screen.ts";

/** What a terminal has as flags: the screen shows people's lines, each once. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  json: "start with --json for that",
  since: "start with --since for that",
};

export interface TerminalOptions {
  /** Only messages, and what went wrong. */
  readonly quiet: boolean;
  readonly colour: boolean;
  readonly interrupt: Interrupt;
}

/** Chats with the person at the terminal, who types a line while messages arrive above it. */
export async function chatOnTerminal(client: Client, options: TerminalOptions): Promise<number> {
  const { quiet, colour, interrupt } = options;
  const editor = new Editor();
  const narrator = new Narrator(client);
  using _raw = new RawMode();
  using screen = new LineScreen(tty, editor, { colour });
  const draw = () => screen.draw(promptOf(client));
  Deno.addSignalListener("SIGWINCH", draw);
  interrupt.signal.addEventListener("abort", () => client.leave());

  const input = Deno.stdin.readable.getReader();
  let over = false;
  let defect: unknown;
  listen().catch((error) => {
    if (over) return; // nobody listens any more: the terminal is somebody else's
    defect = error;
    return client.leave();
  });
  draw();
  try {
    for await (const event of client) {
      const happening = narrator.tell(event);
      if (happening && (!quiet || isEssential(happening))) {
        screen.print(linesOf(happening, { colour }));
      }
      if (event.type !== "message") draw(); // who we are may have changed, or whether we are
    }
  } finally {
    over = true;
    input.releaseLock();
    Deno.removeSignalListener("SIGWINCH", draw);
  }
  if (defect) throw defect;
  return 0;

  /** Until the terminal goes; rejects when the terminal is given back. */
  async function listen(): Promise<void> {
    const keys = new KeyDecoder();
    for (let turn = await input.read(); !turn.done; turn = await input.read()) {
      for (const key of keys.push(turn.value)) press(key);
      draw();
    }
    interrupt.interrupt();
  }

  function press(key: Key): void {
    if (key.type === "key" && key.name === "interrupt") return interrupt.interrupt();
    if (key.type === "key" && key.name === "end of input") {
      if (editor.text === "") return interrupt.interrupt();
      return void editor.press({ type: "key", name: "delete" });
    }
    const line = editor.press(key);
    const request = line === undefined ? undefined : parseLine(line);
    if (request) obey(request);
  }

  function obey(request: LineRequest): void {
    switch (request.type) {
      case "message":
        return say(request.text);
      case "quit":
        return interrupt.interrupt();
      case "help":
        return note(...HELP);
      case "who": {
        const { count, names } = client.people;
        const who = names.length > 0 ? `: ${names.map(printable).join(", ")}` : "";
        return note(`${count} online${who}`);
      }
      case "name":
        return rename(request.name);
      case "unknown":
        return fail(`there is no /${request.command}; /help tells the commands`);
      default:
        return fail(`/${request.type}: ${ELSEWHERE[request.type]}`);
    }
  }

  function say(text: string): void {
    const words = text.length > 30 ? `${text.slice(0, 30).toWellFormed()}…` : text;
    client.say(text).then(draw, (error) => fail(`"${words}" was not sent: ${error.message}`));
  }

  function rename(name: string): void {
    client.rename(name).catch((error) => {
      if (error instanceof Refusal) return fail(error.message);
      fail("you are not connected; try again in a moment");
    });
  }

  function note(...lines: string[]): void {
    screen.print(lines.map((line) => `* ${line}`).map((line) => colour ? paint("2", line) : line));
  }

  function fail(why: string): void {
    const line = `! ${printable(why)}`;
    screen.print([colour ? paint("31", line) : line]);
  }
}

const HELP = [
  ...commandsOf("line").filter(({ name }) => !Object.hasOwn(ELSEWHERE, name)).map(
    ({ name, args, help }) => `${`/${name} ${args}`.padEnd(12)} ${help}`,
  ),
  "//TEXT       send a text that starts with a slash",
];

/** Who we are, and what is amiss. */
function promptOf(client: Client): string {
  const connected = client.state.type === "connected";
  const unsent = client.outgoing.filter(({ state }) => state === "waiting").length;
  const name = printable(client.name ?? "you");
  if (!connected) {
    return unsent > 0 ? `${name} (offline, ${unsent} unsent)> ` : `${name} (offline)> `;
  }
  // One that is under way is nothing to speak of.
  return unsent > 1 ? `${name} (${unsent} unsent)> ` : `${name}> `;
}

const tty = {
  write: (text: string) => writeAll(Deno.stdout, text),
  columns(): number {
    return Deno.consoleSize().columns || 80; // some terminals do not know
  },
};

/** The keys as they are pressed, pastes in one piece; until disposed, or the process ends. */
class RawMode implements Disposable {
  readonly #leave = () => {
    tty.write("\x1b[?2004l");
    Deno.stdin.setRaw(false);
  };

  constructor() {
    Deno.stdin.setRaw(true);
    tty.write("\x1b[?2004h");
    globalThis.addEventListener("unload", this.#leave);
  }

  [Symbol.dispose](): void {
    globalThis.removeEventListener("unload", this.#leave);
    this.#leave();
  }
}
