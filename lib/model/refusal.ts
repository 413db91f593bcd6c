import { type Measure, measureText } from "./measure.ts";

/** The closed table of error codes on the wire, with the HTTP status each stands for. */
export const STATUS = {
  bad_request: 400,
  unauthorized: 401,
  forbidden: 403,
  name_taken: 409,
  too_long: 413,
  rate_limited: 429,
  not_found: 404,
  unavailable: 503,
  internal: 500,
} as const;

export type Code = keyof typeof STATUS;

/**
 * A request that cannot be honoured. The message goes to the client as it is, so it names what was
 * wrong and what is accepted, and nothing internal. `rate_limited` and `unavailable` are temporary
 * and carry `retryAfter` in whole seconds; the other codes will be the same next time.
 */
export class Refusal extends Error {
  override readonly name = "Refusal";
  readonly code: Code;
  readonly retryAfter: number | undefined;
  /** Of an operator's, where that is why. */
  readonly measure: Measure | undefined;
  /** Over HTTP, where it says more than that of the code. */
  readonly httpStatus: number | undefined;

  constructor(
    code: Code,
    message: string,
    options: {
      retryAfter?: number | undefined;
      measure?: Measure | undefined;
      httpStatus?: number | undefined;
      cause?: unknown;
    } = {},
  ) {
    super(message, { cause: options.cause });
    this.code = code;
    this.retryAfter = options.retryAfter;
    this.measure = options.measure;
    this.httpStatus = options.httpStatus;
  }

  /** What a client may see of anything that was thrown: a Refusal itself, else `internal`. */
  static from(thrown: unknown): Refusal {
    if (thrown instanceof Refusal) return thrown;
    return new Refusal("internal", "something went wrong on the server", { cause: thrown });
  }
}

/** Too fast: it may be tried again after the wait, in whole seconds rounded up. */
export function rateLimited(waitMs: number, what = "rate limited"): Refusal {
  const retryAfter = Math.ceil(waitMs / 1000);
  return new Refusal("rate_limited", `${what}, try again in ${retryAfter} s`, { retryAfter });
}

/** Not possible now; `retryAfter` in whole seconds. */
export function unavailable(why: string, retryAfter: number, cause?: unknown): Refusal {
  return new Refusal("unavailable", `${why}, try again in ${retryAfter} s`, { retryAfter, cause });
}

/** Not for somebody whom an operator keeps from it; `retryAfter` where it is over soon. */
export function keptFrom(measure: Measure, retryAfter?: number): Refusal {
  return new Refusal("forbidden", measureText(measure), { measure, retryAfter });
}

/** Somebody has the name; `freeInMs`: somebody had it, and nobody else gets it for so long. */
export function nameTaken(name: string, freeInMs?: number): Refusal {
  const how = freeInMs === undefined
    ? "is taken"
    : `is taken by somebody who is away, and free in ${durationText(freeInMs)}, ` +
      "unless they come back";
  return new Refusal("name_taken", `the name "${name}" ${how}; choose another`);
}

/** A name that nobody can have. */
export function nameReserved(name: string): Refusal {
  const why = "it reads like the server or one of its keepers";
  return new Refusal("name_taken", `the name "${name}" is taken: ${why}; choose another`);
}

/** In whole units, rounded up. */
function durationText(ms: number): string {
  const minutes = Math.ceil(ms / 60_000);
  return minutes < 120 ? `${minutes} min` : `${Math.ceil(minutes / 60)} h`;
}
