import type { Allowance } from "../../limits/mod.ts";
import type { Batch } from "../../model/events.ts";
import type { DecodedLine } from "../../wire/line_decoder.ts";
import type { Stay } from "../pump/stay.ts";
import type { Writer } from "../pump/writer.ts";

/** The other end of a line protocol connection, whatever it rides on. */
export interface LinePeer<T extends string | Uint8Array> {
  /** Where it comes from. */
  readonly address: string;
  /** Where the room's pages are for it, as `http://host:8080/`; undefined where that is not known. */
  readonly base: string | undefined;
  /** That the password was given before the first line. */
  readonly proof: string | undefined;
  /** Told when it comes in, and how it ended. */
  readonly stay: Stay;
  /** What has arrived together, in order, until the end of input. */
  readonly input: AsyncIterable<readonly DecodedLine[]>;
  /** What it may send, counted before it comes in by `input`, which ends when it has sent too much. */
  readonly allowance: Allowance;
  /** How batches are written: as lines for people, or as JSON for programs. */
  readonly encode: { lines(batch: Batch, base?: string): T; json(batch: Batch): T };
  readonly writer: Writer<T>;
  /** Told when the peer has come in: until then it may be given up. */
  cameIn(): void;
  /** Ends the input: nothing will be written any more. Idempotent. */
  hangUp(): void;
}

export type LineInput = AsyncIterator<readonly DecodedLine[]>;

/** Undefined at the end of input. */
export async function nextLines(input: LineInput): Promise<readonly DecodedLine[] | undefined> {
  const { value, done } = await input.next();
  return done ? undefined : value;
}
