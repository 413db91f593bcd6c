import type { RoomEvent } from "../../model/events.ts";
import type { Edit, Message } from "../../model/message.ts";
import { encodeLines } from "../../wire/lines.ts";
import { printable } from "../../model/names.ts";
import type { Happening } from "./narrator.ts";

/** Of the 256-colour palette: readable on black and on white, and easily told apart. */
const NAME_COLOURS = [31, 35, 64, 99, 130, 133, 136, 161, 166, 168, 172, 33, 37, 71, 141, 173];
const DIM = "2";
const READ_ONLY =
  "* you may read, and write with the password: --ask-password, --password-file FILE";
const RED = "31";
const YELLOW = "33";

/**
 * What happens as lines for a terminal, without their ends: those of the TCP room, and what only a
 * client can know; `base` is where the room is, for links to files. Free of control characters but for the colours. None for what need not be shown.
 */
export function linesOf(
  happening: Happening,
  options: { readonly colour: boolean; readonly base?: string | undefined },
): string[] {
  const lines = plainLines(happening, options.base);
  return options.colour ? lines.map((line, i) => paintLine(line, happening, i === 0)) : lines;
}

/** An event as one line of JSON, with nothing in it that a terminal could obey. */
export function jsonLine(event: RoomEvent): string {
  return JSON.stringify(event).replace(
    /[\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g, // JSON escapes the others itself
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** What is still shown to somebody who wants to read messages and nothing else. */
export function isEssential({ type }: Happening): boolean {
  return type === "message" || type === "edit" || type === "delete" || type === "reset" ||
    type === "error";
}

function plainLines(happening: Happening, base: string | undefined): string[] {
  switch (happening.type) {
    case "welcome": {
      const { room, count, names, name } = happening;
      const who = names === undefined ? "" : `: ${names.map(printable).join(", ")}`;
      const lines = [`* ${printable(room)}, ${count} online${who}`, `* you are ${printable(name)}`];
      return happening.features?.write === false ? [...lines, READ_ONLY] : lines;
    }
    case "lost": {
      const seconds = (happening.retryMs / 1000).toFixed(1);
      return [`* connection lost (${printable(happening.reason)}), trying again in ${seconds} s`];
    }
    case "back": {
      const resumed = happening.seq === undefined ? "" : `, resumed after #${happening.seq}`;
      return [`* reconnected as ${printable(happening.welcome.name)}${resumed}`];
    }
    case "bye": // what follows from it is said when it happens
      return [];
    default:
      return encodeLines({ events: [happening], seq: 0 }, base);
  }
}

function paintLine(line: string, happening: Happening, first: boolean): string {
  switch (happening.type) {
    case "message":
    case "edit":
      return first ? paintMessage(line, happening) : line;
    case "error":
      return paint(RED, line);
    case "reset":
    case "lost":
    case "back":
      return paint(YELLOW, line);
    default:
      return paint(DIM, line);
  }
}

/** `[12:01] #46 bob: morning`: the head dim, the name in its colour, the text as it is. */
function paintMessage(line: string, { from }: Message | Edit): string {
  const name = printable(from);
  const at = line.indexOf(name, line.indexOf(" ", line.indexOf("#"))); // `4` is not that of `#46`
  const end = at + name.length;
  return paint(DIM, line.slice(0, at)) + paint(`1;38;5;${colourOf(from)}`, name) + line.slice(end);
}

/** The same for the same name, everywhere. */
function colourOf(name: string): number {
  let hash = 0;
  for (const char of name.normalize("NFKC").toLowerCase()) {
    hash = (31 * hash + char.codePointAt(0)!) >>> 0;
  }
  return NAME_COLOURS[hash % NAME_COLOURS.length]!;
}

export function paint(style: string, text: string): string {
  return `\x1b[${style}m${text}\x1b[0m`;
}
