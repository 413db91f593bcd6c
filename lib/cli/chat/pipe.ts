import { LineDecoder } from "../../line_decoder.ts";
import { LIMITS } from "../../message.ts";
import { printable } from "../../names.ts";
import { Deadline, settledOr } from "../deadline.ts";
import type { Client, Happening } from "./client.ts";
import { linesOf } from "./lines.ts";

/** How long our own last line may take to come back after it was stored. */
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
  /** Asks to leave. */
  readonly signal: AbortSignal;
}

/**
 * Says each line of the input, in order, each after the one before it has been stored, and prints
 * what happens. Ends when all are stored and have come back, with 0; with 1 where one was not stored.
 * Every line is a message, `/quit` too; empty ones are not sent.
 */
export async function chatInPipe(
  client: Client,
  pipe: Pipe,
  options: PipeOptions,
): Promise<number> {
  const { json, quiet, colour, signal } = options;
  const live = Promise.withResolvers<void>();
  let [stored, shown] = [0, 0];
  let caughtUp = Promise.withResolvers<void>();
  let lineNumber = 0;
  let failed = false;

  const leave = () => client.leave();
  signal.addEventListener("abort", leave);
  const speaking = speak();
  try {
    for await (const happening of client.follow()) {
      show(happening);
      if (happening.type === "message") shown = happening.seq;
      if (happening.type === "live") live.resolve();
      if (shown >= stored) caughtUp.resolve();
    }
  } catch (error) {
    if (!(error instanceof Deno.errors.BrokenPipe)) throw error;
    failed ||= client.unsent > 0;
    await client.leave(); // nobody wants to know more
  } finally {
    signal.removeEventListener("abort", leave);
  }
  // Where we were told to leave, standard input may stay silent for ever.
  return failed || client.unsent > 0 ? 1 : 0;
}
