import { type DecodedLine, LineDecoder } from "../../wire/line_decoder.ts";
import { LIMITS } from "../../model/message.ts";
import { Refusal } from "../../model/refusal.ts";
import { Deadline, settledOr } from "../../base/deadline.ts";
import type { Client } from "../../client/mod.ts";
import { isEntry } from "../../model/events.ts";
import { isEssential, jsonLine, linesOf } from "./lines.ts";
import { type Happening, Narrator } from "./narrator.ts";

/** How long our last line may take to come back after it was stored. */
const CATCH_UP_MS = 1000;

/** Standard input and output, or what a test puts in their place. */
export interface Pipe {
  readonly input: AsyncIterable<Uint8Array>;
  /** Throws BrokenPipe where nobody reads any more. */
  print(line: string): void;
  complain(line: string): void;
}

export interface PipeOptions {
  /** Events as lines of JSON instead of lines for people. */
  readonly json: boolean;
  /** Only messages, and what went wrong. */
  readonly quiet: boolean;
  readonly colour: boolean;
  /** Where the room is, for links to files; undefined where that is not known. */
  readonly base?: string | undefined;
  /** Asks to leave. */
  readonly signal: AbortSignal;
}

/**
 * Says each line of the input, each after the one before it has been stored, and prints what happens.
 * Ends when the input has, all is stored and has come back; or when nobody reads what is printed.
 * Resolves with the exit code: 0 where every line that was read is stored. Throws as the client does.
 *
 * Every line is a message, `/quit` too; empty ones are not sent.
 */
export async function chatInPipe(client: Client, pipe: Pipe, options: PipeOptions) {
  const { json, quiet, colour, base, signal } = options;
  const live = Promise.withResolvers<void>();
  let saying: number | undefined; // the number of the line
  let refused = 0;
  let [stored, shown] = [0, 0]; // the last seq of each
  let onShown = () => {};
  const narrator = new Narrator(client);

  const leave = () => client.leave();
  signal.addEventListener("abort", leave);
  let broken: unknown;
  speak().catch((error) => {
    broken = error;
    return client.leave();
  });
  try {
    for await (const event of client) {
      const happening = narrator.tell(event);
      if (happening) show(happening);
      if (event.type === "live") live.resolve();
      if (event.type !== "connection" && isEntry(event)) shown = event.seq;
      if (shown >= stored) onShown();
    }
  } finally {
    signal.removeEventListener("abort", leave);
    if (saying !== undefined) {
      pipe.complain(`line ${saying} is not known to be stored, and what follows it was not sent`);
    }
  }
  if (broken) throw broken;
  return refused === 0 && saying === undefined ? 0 : 1;

  async function speak(): Promise<void> {
    let number = 0;
    for await (const line of decodeLines(pipe.input)) {
      saying = ++number;
      try {
        const text = textOf(line);
        if (text.trim() !== "") stored = (await client.say(text)).seq;
      } catch (error) {
        if (!(error instanceof Refusal)) return; // the end has come before
        refused++;
        pipe.complain(`line ${number} was not sent: ${error.message}`);
      }
      saying = undefined;
    }
    await live.promise; // without a line to say, there is still something to show
    using deadline = new Deadline(CATCH_UP_MS);
    if (shown < stored) {
      await settledOr(deadline.signal, new Promise<void>((resolve) => onShown = resolve));
    }
    await client.leave();
  }

  function show(happening: Happening): void {
    if (quiet && !isEssential(happening)) return;
    try {
      if (happening.type === "lost" || happening.type === "back") {
        linesOf(happening, { colour: false }).forEach(pipe.complain);
        if (json && happening.type === "back") pipe.print(jsonLine(happening.welcome));
      } else if (json) pipe.print(jsonLine(happening));
      else linesOf(happening, { colour, base }).forEach(pipe.print);
    } catch (error) {
      if (!(error instanceof Deno.errors.BrokenPipe)) throw error;
      leave(); // nobody wants to know more
    }
  }
}

async function* decodeLines(input: AsyncIterable<Uint8Array>): AsyncGenerator<DecodedLine> {
  const decoder = new LineDecoder(LIMITS.bytes);
  for await (const bytes of input) yield* decoder.push(bytes);
  const last = decoder.end();
  if (last) yield last;
}

function textOf(line: DecodedLine): string {
  switch (line.type) {
    case "line":
      return line.text;
    case "too_long":
      throw new Refusal("too_long", `at most ${LIMITS.text} characters are accepted`);
    case "not_utf8":
      throw new Refusal("bad_request", "it is not UTF-8");
  }
}
