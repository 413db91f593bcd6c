import { action, commandsOf, parseTyped } from "./commands.ts";
import type { Batch, RoomEvent } from "../model/events.ts";
import { LIMITS, type Message, type Topic } from "../model/message.ts";
import { Refusal } from "../model/refusal.ts";
import type { DecodedLine } from "./line_decoder.ts";
import { printable } from "../model/names.ts";
import { clean, withoutKeys } from "../model/text.ts";

/** What a typed line asks for; `undefined` where it is empty. */
export type LineRequest =
  | { readonly type: "message"; readonly text: string }
  | { readonly type: "help" | "who" | "json" | "quit" }
  | { readonly type: "name"; readonly name: string }
  | { readonly type: "since"; readonly cursor: string }
  | { readonly type: "unknown"; readonly command: string };

export function parseLine(line: string): LineRequest | undefined {
  if (line.trim() === "") return undefined;
  if (line.trim() === "quit") return { type: "quit" };
  const typed = parseTyped(line, "line");
  if (typed.type === "text") return { type: "message", text: typed.text };
  if (typed.type === "unknown") return { type: "unknown", command: typed.name };
  switch (typed.command.name) {
    case "me":
      // Without an action there is nothing to say.
      return { type: "message", text: typed.rest && `/me ${typed.rest}` };
    case "name":
      return { type: "name", name: typed.rest };
    case "since":
      return { type: "since", cursor: typed.rest };
    default:
      return { type: typed.command.name as "help" | "who" | "json" | "quit" };
  }
}

/** The lines of /help, from the table of commands. */
export function helpText(): string {
  const rows = commandsOf("line").map(({ name, args, help }) => [`/${name} ${args}`, help]);
  rows.push(["//TEXT", "send a text that starts with a slash"]);
  return rows.map(([left = "", right]) => `${left.padEnd(12)} ${right}`).join("\n");
}

/** The batch as terminal lines without their ends; none for what a terminal need not show. */
export function encodeLines({ events }: Batch): string[] {
  return events.flatMap(lines);
}

function lines(event: RoomEvent): string[] {
  switch (event.type) {
    case "message":
      return messageLines(event);
    case "topic":
      return [topicLine(event)];
    case "join":
      return [`* ${printable(event.name)} joined`];
    case "leave":
      return [`* ${printable(event.name)} left`];
    case "rename":
      return event.from === event.name
        ? [`* your name is ${printable(event.name)}`]
        : [`* ${printable(event.from)} is now ${printable(event.name)}`];
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

/** `[12:01] #46 bob: morning`, in the server's time zone; further lines of a text stand indented. */
function messageLines({ at, seq, from, text }: Message): string[] {
  const [first = "", ...more] = clean(text).split("\n");
  const head = `[${clock(at)}] #${seq}`;
  const acted = action(text);
  const name = printable(from);
  const body = acted === undefined
    ? `${name}: ${first}`
    : `* ${name} ${first.slice(4).trimStart()}`;
  return [`${head} ${body}`, ...more.map((line) => `${" ".repeat(head.length)} | ${line}`)];
}

/** `[12:01] #46 * ann set the topic: tea`. */
function topicLine({ at, seq, from, text }: Topic): string {
  const what = text === "" ? "removed the topic" : `set the topic: ${printable(text)}`;
  return `[${clock(at)}] #${seq} * ${printable(from)} ${what}`;
}

function clock(at: number): string {
  const date = new Date(at);
  return [date.getHours(), date.getMinutes()].map((n) => String(n).padStart(2, "0")).join(":");
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
