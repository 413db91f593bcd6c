// What may be said to the room once one is in: frames of JSON, and lines.

import fc, { type Arbitrary } from "fast-check";
import { object } from "./json.ts";
import { mostly } from "./mix.ts";
import { anything, cursor, id, name, password, text, token } from "./words.ts";

/** A frame of /ws, or a line of JSON over TCP. */
export const jsonFrame: Arbitrary<string> = fc.oneof(
  { weight: 4, arbitrary: object({ type: fc.constant("message"), id, text }) },
  { weight: 2, arbitrary: object({ type: fc.constant("rename"), name }) },
  { weight: 1, arbitrary: object({ type: fc.constantFrom("typing", "pong") }) },
  { weight: 1, arbitrary: object({ type: anything, text }) },
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
  { weight: 2, arbitrary: jsonFrame },
  { weight: 1, arbitrary: fc.constant("/json") },
);

/** The first line: who one is. */
export const firstLine: Arbitrary<string> = mostly(
  fc.oneof(name, hello, fc.tuple(password, name).map((lines) => lines.join("\n"))),
  fc.constantFrom("GET / HTTP/1.1", "Host: localhost", "POST /api/messages HTTP/1.1", "", "\t"),
);
