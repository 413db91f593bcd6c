import type { Measure } from "../model/measure.ts";
import { type Code, Refusal } from "../model/refusal.ts";

/** The status for a token that is not good any more. */
export const UNAUTHORIZED = 401;

/** The server does not want us, and will not the next time: what we ask for must change first. */
export class TurnedAway extends Error {
  override readonly name = "TurnedAway";
  /** The HTTP status it answered with, where there was one: 421 is a host name it does not know. */
  readonly status: number | undefined;
  /** An operator's ban, where that is why. */
  readonly measure: Measure | undefined;
  /** Where the server said it: `unauthorized` is a token or a password that is missing or not good. */
  readonly code: Code | undefined;

  constructor(
    message: string,
    options: {
      readonly status?: number | undefined;
      readonly measure?: Measure | undefined;
      readonly code?: Code | undefined;
      readonly cause?: unknown;
    } = {},
  ) {
    super(message, { cause: options.cause });
    this.status = options.status;
    this.measure = options.measure;
    this.code = options.code;
  }
}

/** The server was away for longer than `giveUpMs`. The message says why it cannot be reached. */
export class Unreachable extends Error {
  override readonly name = "Unreachable";
}

/** What needs a connection was asked for without one, or after the last one. */
export class NotConnected extends Error {
  override readonly name = "NotConnected";
}

/** Why a connection ended, where the server also says how long to stay away. Inside of the client only. */
export class Lost extends Error {
  override readonly name = "Lost";
  readonly retryMs: number;

  constructor(message: string, retryMs = 0) {
    super(message);
    this.retryMs = retryMs;
  }
}

/** It was opened, or so it seemed, and then nothing came. Inside of the client only. */
export class Silent extends Lost {}

/** What the server said cannot be true, or leaves something out. Inside of the client only. */
export class ProtocolError extends Error {
  override readonly name = "ProtocolError";
}

/** What a refusal of the connection itself means: the same the next time, or not now. */
export function lossOf(
  code: Code,
  message: string,
  options: {
    readonly retryAfter?: number | undefined;
    readonly status?: number;
    readonly measure?: Measure | undefined;
    readonly cause?: unknown;
  } = {},
): TurnedAway | Lost {
  const isLasting = code === "bad_request" || code === "unauthorized" || code === "forbidden";
  // Somebody who was kicked may come back soon, and the server says when.
  if (isLasting && options.measure?.type !== "kick") {
    const cause = options.cause ?? new Refusal(code, message, { measure: options.measure });
    return new TurnedAway(message, { ...options, code, cause });
  }
  return new Lost(message, 1000 * (options.retryAfter ?? 0));
}

/** Why something failed, as the runtime says it in its innermost cause. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.cause instanceof Error) return reasonOf(error.cause);
  return error.message || error.name;
}
