import type { Clock } from "../base/clock.ts";
import { Deadline } from "../base/deadline.ts";
import type { Measure } from "../model/measure.ts";
import { type Code, Refusal, STATUS } from "../model/refusal.ts";
import { isMeasure } from "../wire/event_decoder.ts";
import { addressOf } from "./address.ts";
import type { Transport } from "./transport.ts";
import { lossOf, Lost } from "./errors.ts";

/** An answer that takes longer will not come. */
export const ANSWER_MS = 30_000;

export interface RequestOptions {
  readonly query?: Readonly<Record<string, string | number | undefined>>;
  /** POST where there is a body, else GET. */
  readonly method?: string;
  /** Sent as JSON. */
  readonly body?: unknown;
  /** The same key again does nothing twice. */
  readonly key?: string;
  /** What is sent is of this type, and `fetch` brings it by itself. */
  readonly type?: string;
  readonly fetch?: (url: URL, request: RequestInit & { signal: AbortSignal }) => Promise<Response>;
  /** What is accepted; JSON by default. */
  readonly accept?: string;
  /** What was tried before and stayed silent. */
  readonly silent?: Transport | undefined;
  readonly signal?: AbortSignal;
}

/** The server's refusal, with the status it came by. */
export class RefusedRequest extends Refusal {
  readonly status: number;

  constructor(
    status: number,
    code: Code,
    message: string,
    options: { retryAfter?: number | undefined; measure?: Measure | undefined } = {},
  ) {
    super(code, message, options);
    this.status = status;
  }
}

/** Requests to a room, as whoever we are. */
export class Requests {
  readonly #base: URL;
  readonly #clock: Clock;
  /** Undefined where the browser says who we are. */
  readonly #token: (() => string | undefined) | undefined;
  readonly #closed = new AbortController();

  constructor(base: URL, options: { clock: Clock; token: (() => string | undefined) | undefined }) {
    this.#base = base;
    this.#clock = options.clock;
    this.#token = options.token;
  }

  /** The response, where it is a good one. Otherwise throws a RefusedRequest, or Lost. */
  async open(path: string, options: RequestOptions = {}): Promise<Response> {
    const { query = {}, body, key, accept = "application/json", silent, signal } = options;
    const { method = body === undefined ? "GET" : "POST", fetch = globalThis.fetch } = options;
    const { type = body === undefined ? undefined : "application/json" } = options;
    const headers: Record<string, string> = { accept };
    if (silent !== undefined) headers["x-partyline-silent"] = silent;
    const token = this.#token?.();
    if (token !== undefined) headers.authorization = `Bearer ${token}`;
    if (type !== undefined) headers["content-type"] = type;
    if (key !== undefined) headers["idempotency-key"] = key;
    const response = await fetch(addressOf(this.#base, path, query), {
      headers,
      method,
      ...(body !== undefined && { body: JSON.stringify(body) }),
      // Elsewhere than in a browser there are no credentials but ours.
      ...(this.#token && { credentials: "omit" }),
      signal: signal ? AbortSignal.any([signal, this.#closed.signal]) : this.#closed.signal,
    });
    if (!response.ok) throw await refusalOf(response);
    return response;
  }

  /** Nothing is asked any more, and what is under way rejects. */
  close(): void {
    this.#closed.abort();
  }

  /** The answer's JSON, and its status. Throws as `open`, and where there is no answer in time. */
  async ask(
    path: string,
    options: RequestOptions & { readonly limitMs?: number } = {},
  ): Promise<{ status: number; answer: unknown }> {
    const { limitMs = ANSWER_MS, signal } = options;
    const deadline = new Deadline(limitMs, {
      clock: this.#clock,
      ...(signal && { parent: signal }),
    });
    try {
      const response = await this.open(path, { ...options, signal: deadline.signal });
      return { status: response.status, answer: await response.json() };
    } finally {
      deadline[Symbol.dispose]();
    }
  }
}

/** What a failed request says about the connection: that it is lost, or that we are not wanted. */
export function toLoss(error: unknown): Error {
  if (!(error instanceof RefusedRequest)) {
    return error instanceof Error ? error : new Error(String(error));
  }
  const { status, code, message, retryAfter, measure } = error;
  // Whatever answers there, it is not the room's to say.
  if (code === "not_found") return statusError(status);
  return lossOf(code, message, { status, retryAfter, measure, cause: error });
}

function statusError(status: number, retryMs?: number): Lost {
  return new Lost(`it answered with status ${status}`, retryMs);
}

async function refusalOf(response: Response): Promise<Error> {
  const { status, headers } = response;
  const seconds = Number(headers.get("retry-after") ?? NaN);
  const retryAfter = seconds >= 0 ? seconds : undefined;
  const text = await response.text().catch(() => ""); // best effort: the status says enough
  try {
    const { code, message, measure } = JSON.parse(text).error;
    if (typeof message === "string" && Object.hasOwn(STATUS, code)) {
      return new RefusedRequest(status, code, message, { retryAfter, measure: measureOf(measure) });
    }
  } catch {
    // Not the room's: a proxy's page, most likely because nobody is behind it.
  }
  return statusError(status, 1000 * (retryAfter ?? 0));
}

function measureOf(value: unknown): Measure | undefined {
  return isMeasure(value) ? value : undefined;
}
