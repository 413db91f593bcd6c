import {
  type Draft,
  parseCaption,
  parseEmoji,
  parseId,
  parseRef,
  parseText,
  parseTopic,
} from "../model/draft.ts";
import { type Entry, type FileInfo, LIMITS } from "../model/message.ts";
import { parseStoredName } from "../model/names.ts";
import { clean, countCharacters } from "../model/text.ts";

/** A line of an export, unchecked. */
export type Row = Readonly<Record<string, unknown>>;

/** An entry without its place. */
export type Told = Entry extends infer E ? E extends Entry ? Omit<E, "seq" | "at"> : never : never;

/** What a line of an export says of an entry. */
export interface ParsedEntry {
  /** What its sender did. */
  readonly draft: Draft;
  /** What it is where the message that it is about is no longer there. */
  readonly told: Told;
  /** The message that has no text, and so must be deleted by a line that follows. */
  readonly textless?: "own" | number;
}

/** Throws an Error where the line is not one JSON object. */
export function parseRow(line: string): Row {
  const value: unknown = JSON.parse(line);
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new Error("wanted a JSON object");
  }
  return value as Row;
}

/** Of a line of any kind of entry: cleaned as what is posted. Throws an Error that says what is wrong. */
export function parseEntry(row: Row): ParsedEntry {
  const id = parseId(row.id);
  const from = nameIn(row, "from");
  const common = { from, ...(id !== undefined && { id }) };
  const author = { ...common, sender: text(row, "sender") };
  switch (row.type) {
    case "topic": {
      // It may be empty: then there is none from there on.
      const topic = parseTopic(row.text === "" ? "" : text(row, "text"));
      return {
        draft: { ...author, type: "topic", text: topic },
        told: { type: "topic", ...common, text: topic },
      };
    }
    case "edit": {
      const ref = parseRef("ref", row.ref);
      const isGone = row.text === "";
      const now = isGone ? "" : parseText(text(row, "text"));
      return {
        draft: { ...author, type: "edit", ref, text: now, notBefore: -Infinity },
        told: { type: "edit", ...common, ref, text: "" },
        ...(isGone && { textless: ref }),
      };
    }
    case "delete": {
      const ref = parseRef("ref", row.ref);
      return {
        draft: { ...author, type: "delete", ref, operator: true },
        told: { type: "delete", ...common, ref },
      };
    }
    case "reaction": {
      const [ref, emoji] = [parseRef("ref", row.ref), parseEmoji(row.emoji)];
      if (typeof row.on !== "boolean") throw new Error(`"on" must be true or false`);
      const what = { type: "reaction", ref, emoji, on: row.on } as const;
      const count = whole(row, "count", 0);
      return {
        draft: { ...author, ...what },
        told: { ...common, ...what, count, names: names(row) },
      };
    }
    default:
      return parseMessage(row, common, author.sender);
  }
}

function parseMessage(
  row: Row,
  common: { readonly from: string; readonly id?: string },
  sender: string,
): ParsedEntry {
  const files = filesIn(row);
  const isGone = row.deleted === true;
  const now = isGone
    ? ""
    : files.length > 0
    ? parseCaption(row.text)
    : parseText(text(row, "text"));
  const re = row.re === undefined ? undefined : parseRef("re", row.re);
  const fields = {
    text: now,
    ...(re !== undefined && { re }),
    ...(files.length > 0 && !isGone && { files }),
  };
  return {
    draft: { ...common, sender, ...fields },
    told: {
      type: "message",
      ...common,
      ...fields,
      ...(re !== undefined && { to: nameIn(row, "to") }),
    },
    ...(isGone && { textless: "own" }),
  };
}

function filesIn(row: Row): FileInfo[] {
  if (row.files === undefined) return [];
  if (!Array.isArray(row.files) || row.files.length > LIMITS.files) {
    throw new Error(`"files" must be a list of up to ${LIMITS.files} files`);
  }
  return row.files.map(parseFile);
}

function parseFile(value: unknown): FileInfo {
  if (typeof value !== "object" || value === null) throw new Error("a file must be an object");
  const row = value as Row;
  const [id, type, name] = [text(row, "id"), text(row, "type"), clean(text(row, "name"))];
  if (!/^[\w-]{1,128}$/.test(id)) throw new Error("the id of a file must be letters and digits");
  if (!/^[\w.+-]{1,60}\/[\w.+-]{1,60}$/.test(type)) {
    throw new Error("the type of a file must be as image/png");
  }
  if (name.trim() === "" || countCharacters(name) > 255 || /[/\\]/.test(name)) {
    throw new Error("the name of a file must have up to 255 characters, and no / or \\");
  }
  return {
    id,
    name,
    type,
    size: whole(row, "size", 0),
    ...(row.width !== undefined && { width: whole(row, "width") }),
    ...(row.height !== undefined && { height: whole(row, "height") }),
  };
}

function names(row: Row): string[] {
  if (!Array.isArray(row.names) || row.names.length > LIMITS.reactors) {
    throw new Error(`"names" must be a list of up to ${LIMITS.reactors} names`);
  }
  return row.names.map((name) => nameIn({ name }, "name"));
}

/** A name, cleaned. */
export function nameIn(row: Row, field: string): string {
  return parseStoredName(clean(text(row, field)));
}

export function text(row: Row, name: string): string {
  const value = row[name];
  if (typeof value !== "string" || value === "") throw new Error(`"${name}" must be a text`);
  return value;
}

export function whole(row: Row, name: string, min = 1, max = Number.MAX_SAFE_INTEGER): number {
  const value = row[name];
  if (!Number.isSafeInteger(value) || (value as number) < min || (value as number) > max) {
    const range = max === Number.MAX_SAFE_INTEGER ? `from ${min}` : `from ${min} to ${max}`;
    throw new Error(`"${name}" must be a whole number ${range}`);
  }
  return value as number;
}
