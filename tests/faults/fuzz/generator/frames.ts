// What may be said to the room once one is in: frames of JSON, and lines.

import fc, { type Arbitrary } from "fast-check";
import { object } from "./json.ts";
import { mostly } from "./mix.ts";
import { PLACEHOLDER } from "../case.ts";
import {
  anything,
  cursor,
  emoji,
  fileId,
  id,
  name,
  number,
  password,
  ref,
  text,
  token,
} from "./words.ts";

const target = mostly(fc.constant<string>(PLACEHOLDER.user), name, 2);
const time = fc.constantFrom(
  "1m",
  "30m",
  "1d",
  "forever",
  "0s",
  "-1d",
  "99999999999w",
  "1e9d",
  "d",
);

/** What only operators may ask for, and nobody here is one. */
const order: Arbitrary<string> = fc.oneof(
  object({ type: fc.constantFrom("kick", "unban", "unmute"), name: target, reason: text }),
  object({ type: fc.constantFrom("ban", "mute"), name: target, time, reason: text, id }),
  object({ type: fc.constant("slow"), seconds: fc.oneof(fc.integer(), number(0, 5)) }),
  object({ type: fc.constant("topic"), text, id }),
  object({ type: fc.constantFrom("bans", "undo"), seq: fc.nat(99) }),
);

const typedOrder: Arbitrary<string> = fc.oneof(
  fc.tuple(fc.constantFrom("kick", "ban", "mute", "unban", "unmute"), target, time)
    .map(([what, target, time]) => `/${what} "${target}" ${time} because`),
  fc.constantFrom("/slow 60", "/slow -1", "/topic mine", "/topic -", "/bans", "/undo"),
  token.map((token) => `/operator ${token}`),
);

/** A message that is there, most often; a number, or what looks like one. */
const seq = mostly<unknown>(
  fc.integer({ min: 1, max: 60 }),
  fc.oneof(ref, fc.double(), fc.integer()),
);

/** What is about a message that is there. */
const change: Arbitrary<string> = fc.oneof(
  object({ type: fc.constant("message"), id, text, re: seq }),
  object({ type: fc.constant("message"), id, text, files: fc.array(fileId, { maxLength: 12 }) }),
  object({ type: fc.constant("edit"), id, ref: seq, text }),
  object({ type: fc.constant("delete"), id, ref: seq }),
  object({ type: fc.constant("reaction"), id, ref: seq, emoji, on: fc.boolean() }),
);

const typedChange: Arbitrary<string> = fc.oneof(
  fc.tuple(fc.constantFrom("/reply", "/edit"), fc.constantFrom("#", "", "##"), ref, text)
    .map(([command, mark, ref, text]) => `${command} ${mark}${ref} ${text}`),
  text.map((text) => `/edit ${text}`),
  ref.map((ref) => `/delete #${ref}`),
  fc.tuple(fc.constantFrom("/react", "/unreact"), ref, emoji)
    .map(([command, ref, emoji]) => `${command} #${ref} ${emoji}`),
  fc.constantFrom("/reply", "/edit", "/delete", "/react", "/react #1", "/edit #1", "/unreact 👍"),
);

/** A frame of /ws, or a line of JSON over TCP. */
export const jsonFrame: Arbitrary<string> = fc.oneof(
  { weight: 4, arbitrary: object({ type: fc.constant("message"), id, text }) },
  { weight: 4, arbitrary: change },
  { weight: 2, arbitrary: object({ type: fc.constant("rename"), name }) },
  { weight: 1, arbitrary: object({ type: fc.constantFrom("typing", "pong") }) },
  { weight: 1, arbitrary: object({ type: anything, text }) },
  { weight: 1, arbitrary: order },
  { weight: 1, arbitrary: text },
);

export const hello: Arbitrary<string> = fc.oneof(
  object({ type: fc.constant("hello"), name }),
  object({ type: fc.constant("hello"), name, since: cursor }),
  object({ type: fc.constant("hello"), token, since: cursor }),
  object({ type: fc.constant("hello"), name, password }),
);

const command: Arbitrary<string> = fc.oneof(
  fc.constantFrom(
    "/help",
    "/who",
    "/json",
    "/HELP",
    "//slash",
    "/",
    "/quit",
    "quit",
    "/me",
    "/nonsense",
  ),
  fc.tuple(
    fc.constantFrom("/name", "/me", "/since", "/json", "/who", "/Name\t"),
    fc.oneof(name, cursor),
  )
    .map(([command, rest]) => `${command} ${rest}`),
);

/** A line of the line protocol. */
export const line: Arbitrary<string> = fc.oneof(
  { weight: 3, arbitrary: text },
  { weight: 3, arbitrary: command },
  { weight: 1, arbitrary: typedOrder },
  { weight: 3, arbitrary: typedChange },
  { weight: 2, arbitrary: jsonFrame },
  { weight: 1, arbitrary: fc.constant("/json") },
);

/** The first line: who one is. */
export const firstLine: Arbitrary<string> = mostly(
  fc.oneof(name, hello, fc.tuple(password, name).map((lines) => lines.join("\n"))),
  fc.constantFrom("GET / HTTP/1.1", "Host: localhost", "POST /api/messages HTTP/1.1", "", "\t"),
);
