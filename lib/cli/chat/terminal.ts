import { commandsOf, type SlashCommand } from "../../wire/commands.ts";
import { type LineRequest, parseLine } from "../../wire/lines.ts";
import { printable } from "../../model/names.ts";
import type { Interrupt } from "../interrupt.ts";
import { type Client, type Ref, Refusal } from "../../client/mod.ts";
import { readEmojiList } from "../../emoji/mod.ts";
import type { EmojiList } from "../../model/emoji_list.ts";
import { obeyAbout } from "./about.ts";
import { whoIsHere } from "./who.ts";
import { complete, wantsEmoji } from "./line/completion.ts";
import { Editor } from "./line/editor.ts";
import { type Key, KeyDecoder } from "./line/keys.ts";
import { isEssential, linesOf, paint } from "./lines.ts";
import { Narrator } from "./narrator.ts";
import { writeAll } from "./output.ts";
import { LineScreen } from "./line/screen.ts";

/** What a terminal has as flags: the screen shows people's lines, each once. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  json: "start with --json for that",
  since: "start with --since for that",
  operator: "start with --token, or PARTYLINE_TOKEN, for that",
};

export interface TerminalOptions {
  /** Where the room is, for links to files; undefined where that is not known. */
  readonly base: string | undefined;
  /** Only messages, and what went wrong. */
  readonly quiet: boolean;
  readonly colour: boolean;
  readonly interrupt: Interrupt;
}

/** Chats with the person at the terminal, who types a line while messages arrive above it. */
export async function chatOnTerminal(client: Client, options: TerminalOptions): Promise<number> {
  const { quiet, colour, interrupt, base } = options;
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
  let topic = "";
  /** What `/edit` without a number means. */
  let last: Ref | undefined;
  let emoji: EmojiList | undefined;
  listen().catch((error) => {
    if (over) return; // nobody listens any more: the terminal is somebody else's
    defect = error;
    return client.leave();
  });
  draw();
  try {
    for await (const event of client) {
      if (event.type === "welcome") topic = event.topic?.text ?? "";
      else if (event.type === "topic") topic = event.text;
      // Before anything is said here, what we said in an earlier stay.
      if (event.type === "message" && event.from === client.name && typeof last !== "string") {
        last = event.seq;
      }
      const happening = narrator.tell(event);
      if (happening && (!quiet || isEssential(happening))) {
        screen.print(linesOf(happening, { colour, base }));
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
      for (const key of keys.push(turn.value)) {
        if (key.type === "key" && key.name === "complete") await tab();
        else press(key);
      }
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

  /** Completes what stands before the cursor, or shows what it may become. */
  async function tab(): Promise<void> {
    try {
      if (wantsEmoji(editor.before)) emoji ??= await readEmojiList("en");
    } catch {
      return fail("the names of emoji cannot be read");
    }
    const operator = client.people.operators.has(client.name ?? "");
    const completion = complete(editor.before, {
      commands: commandsHere(operator).map(({ name }) => name),
      people: client.people.names,
      emoji,
    });
    if (!completion) return;
    editor.replaceBefore(completion.length, completion.text);
    if (completion.choices.length > 0) note(completion.choices.join("  "));
  }

  function obey(request: LineRequest): void {
    switch (request.type) {
      case "message":
        return say(request.text);
      case "about":
        return void obeyAbout(client, request.command, last).then((receipt) => {
          if (receipt?.duplicate) note("that is so already");
          draw();
        }, (error) => fail(error.message));
      case "quit":
        return interrupt.interrupt();
      case "help":
        return note(...help(client.people.operators.has(client.name ?? "")));
      case "topic":
        return note(topic === "" ? "there is no topic" : `the topic: ${printable(topic)}`);
      case "who":
        return void whoIsHere(client, request.part).then(
          (lines) => note(...lines),
          (error) => fail(error.message),
        );
      case "name":
        return rename(request.name);
      case "order":
        return void client.order(request.fields).then((text) => {
          if (text !== "") note(...text.split("\n").map(printable));
        }, (error) => fail(error.message));
      case "unknown":
        return fail(`there is no /${request.command}; /help tells the commands`);
      default:
        return fail(`/${request.type}: ${ELSEWHERE[request.type]}`);
    }
  }

  function say(text: string): void {
    const words = text.length > 30 ? `${text.slice(0, 30).toWellFormed()}…` : text;
    const id = crypto.randomUUID();
    client.say(text, { id }).then(
      draw,
      (error) => fail(`"${words}" was not sent: ${error.message}`),
    );
    last = id;
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

/** Those that a terminal has not as flags. */
function commandsHere(operator: boolean): readonly SlashCommand[] {
  return commandsOf("line", operator).filter(({ name }) => !Object.hasOwn(ELSEWHERE, name));
}

function help(operator: boolean): string[] {
  const commands = commandsHere(operator);
  const width = operator ? 27 : 17;
  return [
    ...commands.map(({ name, args, help }) => `${`/${name} ${args}`.padEnd(width)} ${help}`),
    `${"//TEXT".padEnd(width)} send a text that starts with a slash`,
  ];
}

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
