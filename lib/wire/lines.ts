import { aboutMessage, commandsOf, type MessageCommand, orderOf, parseTyped } from "./commands.ts";
import type { Batch, FoundPeople, ModerationNotice, RoomEvent, Standing } from "../model/events.ts";
import { measureText, untilText } from "../model/measure.ts";
import { LIMITS } from "../model/message.ts";
import type { OrderFields } from "../model/order.ts";
import { Refusal } from "../model/refusal.ts";
import { entryLines } from "./entry_lines.ts";
import type { DecodedLine } from "./line_decoder.ts";
import { printable } from "../model/names.ts";
import { clean, withoutKeys } from "../model/text.ts";

/** What a typed line asks for; `undefined` where it is empty. */
export type LineRequest =
  | { readonly type: "message"; readonly text: string }
  | { readonly type: "help" | "json" | "quit" }
  /** Those whose name has the part in it; everybody where it is empty. */
  | { readonly type: "who"; readonly part: string }
  | { readonly type: "name"; readonly name: string }
  | { readonly type: "since"; readonly cursor: string }
  /** The present topic is wanted. */
  | { readonly type: "topic" }
  | { readonly type: "operator"; readonly token: string }
  | { readonly type: "order"; readonly fields: OrderFields }
  /** It is about a message that is there. */
  | { readonly type: "about"; readonly command: MessageCommand }
  | { readonly type: "unknown"; readonly command: string };

export function parseLine(line: string): LineRequest | undefined {
  if (line.trim() === "") return undefined;
  if (line.trim() === "quit") return { type: "quit" };
  const typed = parseTyped(line, "line");
  if (typed.type === "text") return { type: "message", text: typed.text };
  if (typed.type === "unknown") return { type: "unknown", command: typed.name };
  const fields = orderOf(typed.command, typed.rest);
  if (fields) return { type: "order", fields };
  const command = aboutMessage(typed.command, typed.rest);
  if (command) return { type: "about", command };
  switch (typed.command.name) {
    case "topic":
      return { type: "topic" };
    case "operator":
      return { type: "operator", token: typed.rest };
    case "me":
      // Without an action there is nothing to say.
      return { type: "message", text: typed.rest && `/me ${typed.rest}` };
    case "name":
      return { type: "name", name: typed.rest };
    case "since":
      return { type: "since", cursor: typed.rest };
    case "who":
      return { type: "who", part: typed.rest };
    default:
      return { type: typed.command.name as "help" | "json" | "quit" };
  }
}

/** The lines of /help, from the table of commands; an operator's with those for operators. */
export function helpText(operator: boolean): string {
  const rows = commandsOf("line", operator).map((
    { name, args, help },
  ) => [`/${name} ${args}`, help]);
  rows.push(["//TEXT", "send a text that starts with a slash"]);
  return rows.map(([left = "", right]) => `${left.padEnd(operator ? 27 : 17)} ${right}`).join("\n");
}

/** So many people are named where they are too many to name them all. */
export const NAMED = 20;

/** What `/who PART` finds; without a part, some of those who are too many to be told with the count. */
export function peopleText(
  part: string,
  { names, more }: Pick<FoundPeople, "names" | "more">,
): string {
  const listed = names.map(printable).join(", ");
  const all = more ? `${listed}, and more` : listed;
  if (part === "") return `who spoke last is first: ${all}; /who NAME finds others`;
  const what = `"${printable(part)}" in the name`;
  return names.length === 0 ? `nobody here has ${what}` : `with ${what}: ${all}`;
}

/**
 * The batch as terminal lines without their ends; none for what a terminal need not show. `base` is
 * where the room is for whoever reads them, for the links to files.
 */
export function encodeLines({ events }: Batch, base?: string): string[] {
  return events.flatMap((event) => lines(event, base));
}

function lines(event: RoomEvent, base: string | undefined): string[] {
  switch (event.type) {
    case "message":
    case "edit":
    case "delete":
    case "reaction":
    case "topic":
      return entryLines(event, base);
    case "join":
      return [`* ${printable(event.name)} joined`];
    case "leave":
      return [`* ${printable(event.name)} left`];
    case "rename":
      return event.from === event.name
        ? [`* your name is ${printable(event.name)}`]
        : [`* ${printable(event.from)} is now ${printable(event.name)}`];
    case "moderation":
      return [`* ${moderationText(event)}`];
    case "done":
      return event.text.split("\n").map((line) => `* ${clean(line)}`);
    case "you":
      return [`* ${standingText(event)}`];
    case "presence": {
      const names = event.names?.map(printable).join(", ");
      return [`* ${event.count} online${names === undefined ? "" : `: ${names}`}`];
    }
    case "info":
      return event.text.split("\n").map((line) => `* ${clean(line)}`);
    case "error":
      return [`! ${printable(event.message)}`];
    case "reset":
      return [`# ${resetText(event)}`];
    case "bye":
      return ["* the server is going away, come back in a moment"];
    default:
      return [];
  }
}

function moderationText(event: ModerationNotice): string {
  const { action, until, reason, seconds = 0 } = event;
  const [by, name] = [printable(event.by), printable(event.name ?? "somebody")];
  const why = reason === undefined ? "" : `: ${printable(reason)}`;
  switch (action) {
    case "kick":
      return `${by} removed ${name}${why}`;
    case "ban":
      return `${by} banned ${name} ${untilText(until)}${why}`;
    case "mute":
      return `${by} muted ${name} ${untilText(until)}${why}`;
    case "unban":
      return `${by} lets ${name} come again`;
    case "unmute":
      return `${by} lets ${name} write again`;
    case "slow":
      return seconds === 0
        ? `${by} ended the slow mode`
        : `${by} set the slow mode: one message in ${seconds} s`;
  }
}

function standingText({ operator, muted }: Standing): string {
  if (muted) return printable(measureText({ type: "mute", ...muted }));
  return operator ? "you are an operator" : "you may write, as everybody";
}

function resetText({ reason, asked, first, last }: Extract<RoomEvent, { type: "reset" }>): string {
  switch (reason) {
    case "gap":
      return asked === undefined
        ? `messages before ${first} are no longer kept`
        : `messages ${asked + 1} to ${first - 1} are no longer kept`;
    case "future":
      return `there is no message ${asked ?? "with that number"} yet; the newest is ${last}`;
    case "epoch":
      return "that cursor is from another history; here is the end of this one";
  }
}

/**
 * What was typed: an arrow key pressed before a name or a command is no part of it. What else must not
 * be in a name or in a text is for whoever takes it to say, as for every other way in.
 */
export function textOf(line: DecodedLine): string {
  switch (line.type) {
    case "line":
      return withoutKeys(line.text);
    case "too_long":
      throw new Refusal("too_long", `the line is too long; at most ${LIMITS.bytes} bytes`);
    case "not_utf8":
      throw new Refusal("bad_request", "the line is not UTF-8");
  }
}
