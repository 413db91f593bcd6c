import { printable } from "../model/names.ts";
import type {
  Delete,
  Edit,
  Entry,
  FileInfo,
  Message,
  ReactionChange,
  Topic,
} from "../model/message.ts";
import { clean } from "../model/text.ts";
import { action } from "./action.ts";

/**
 * An entry as terminal lines: `[12:01] #46 bob: morning`, in the server's time zone; further lines stand
 * indented. Nothing in it that somebody wrote begins a line, or reads as another kind of entry. `base` is
 * where the room is for whoever reads it, as `http://host:8080/`; without it, links begin with a slash.
 */
export function entryLines(entry: Entry, base = "/"): string[] {
  switch (entry.type) {
    case "message":
      return messageLines(entry, base);
    case "edit":
      return editLines(entry);
    case "delete":
      return [deleteLine(entry)];
    case "reaction":
      return [reactionLine(entry)];
    case "topic":
      return [topicLine(entry)];
  }
}

function messageLines(message: Message, base: string): string[] {
  const { text, edited, deleted, files = [] } = message;
  const head = headOf(message);
  const name = printable(message.from);
  const answer = answerOf(message);
  if (deleted) return [`${head} ${name}${answer}: (deleted)`];
  const said = text === "" ? [] : clean(text).split("\n");
  if (edited !== undefined) said.push([...said.splice(-1), "(edited)"].join(" "));
  const [first = "", ...more] = [...said, ...files.map((file) => fileText(file, base))];
  const body = action(text) === undefined
    ? `${name}${answer}: ${first}`
    // Behind the name it could be part of what somebody does.
    : `${answer.trimStart()}${answer && " "}* ${name} ${first.slice(4).trimStart()}`;
  return indented(head, `${head} ${body}`, more);
}

/** ` (to #42 ann)`: no name has a `#42`. */
function answerOf({ re, to }: Message): string {
  if (re === undefined) return "";
  return to === undefined ? ` (to #${re})` : ` (to #${re} ${printable(to)})`;
}

/** `[photo.png, 12 KB, http://…/files/<id>/photo.png]`. */
function fileText({ id, name, size }: FileInfo, base: string): string {
  const url = `${base}files/${encodeURIComponent(id)}/${encodeURIComponent(clean(name))}`;
  return `[${printable(name).replace(/[[\]]/g, "_")}, ${sizeText(size)}, ${url}]`;
}

function sizeText(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  if (bytes < 999_500) return `${Math.round(bytes / 1000)} KB`;
  return `${(bytes / 1_000_000).toFixed(1)} MB`;
}

/** `#48 ann edited #42: hi!`; without a text where the message is gone. */
function editLines(edit: Edit): string[] {
  const head = headOf(edit);
  const start = `${head} ${printable(edit.from)} edited #${edit.ref}`;
  if (edit.text === "") return [start];
  const [first, ...more] = clean(edit.text).split("\n");
  return indented(head, `${start}: ${first}`, more);
}

function deleteLine(entry: Delete): string {
  return `${headOf(entry)} ${printable(entry.from)} deleted #${entry.ref}`;
}

/** `#50 bob 👍 #42`, and `#51 bob took back 👍 #42`. */
function reactionLine(entry: ReactionChange): string {
  const { from, emoji, ref, on } = entry;
  const plain = printable(from);
  // Somebody may be called so, to look like somebody else.
  const name = /(?:^| )took back$/.test(plain) ? `"${plain}"` : plain;
  return `${headOf(entry)} ${name} ${on ? "" : "took back "}${printable(emoji)} #${ref}`;
}

/** `[12:01] #46 * ann set the topic: tea`. */
function topicLine(topic: Topic): string {
  const { from, text } = topic;
  const what = text === "" ? "removed the topic" : `set the topic: ${printable(text)}`;
  return `${headOf(topic)} * ${printable(from)} ${what}`;
}

function headOf({ at, seq }: Entry): string {
  return `[${clock(at)}] #${seq}`;
}

function indented(head: string, first: string, more: readonly string[]): string[] {
  return [first, ...more.map((line) => `${" ".repeat(head.length)} | ${line}`)];
}

function clock(at: number): string {
  const date = new Date(at);
  return [date.getHours(), date.getMinutes()].map((n) => String(n).padStart(2, "0")).join(":");
}
