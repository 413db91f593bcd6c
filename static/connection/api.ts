import type { RoomEvent } from "../../lib/model/events.ts";
import type { Entry } from "../../lib/model/message.ts";
import type { Code } from "../../lib/model/refusal.ts";

/** The server said no, or nothing (`network`). The others are the protocol's closed table of codes. */
export class ApiError extends Error {
  override readonly name = "ApiError";
  readonly code: Code | "network";
  /** Seconds, where the error is temporary. */
  readonly retryAfter: number | undefined;

  constructor(code: Code | "network", message: string, retryAfter?: number) {
    super(message);
    this.code = code;
    this.retryAfter = retryAfter;
  }
}

/** Entries in the order of the log, and whether there are more where these come from. */
export interface Page {
  readonly events: readonly Entry[];
  readonly more: boolean;
}

/** Of the log: next to a position, which is one of the three, or without any its end. */
export function fetchMessages(
  where: { before?: number; after?: number; around?: number; limit: number },
): Promise<Page> {
  return get<Page>("/api/messages", where);
}

/** Newest first. */
export function searchMessages(
  query: { q: string; before?: number; limit: number },
  signal: AbortSignal,
): Promise<Page> {
  return get<Page>("/api/search", query, signal);
}

export function fetchPresence(): Promise<{ count: number; names?: readonly string[] }> {
  return get("/api/presence", {});
}

/** Takes the name, or changes to it. What tells the server who we are is a cookie no script sees. */
export async function takeName(name: string): Promise<string> {
  const session = await post<{ name: string }>("/api/session", { name });
  return session.name;
}

export function postMessage(message: { id: string; text: string }): Promise<{ seq: number }> {
  return post("/api/messages", message);
}

/** One turn of the long poll. */
export function poll(
  query: { since?: string; wait: number },
  signal: AbortSignal,
): Promise<{ events: readonly RoomEvent[]; cursor: string; more?: boolean }> {
  return get("/poll", query, signal);
}

function get<T>(
  path: string,
  query: Readonly<Record<string, string | number>>,
  signal?: AbortSignal,
): Promise<T> {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) search.set(name, String(value));
  return request(`${path}?${search}`, {
    headers: { accept: "application/json" },
    ...(signal && { signal }),
  });
}

function post<T>(path: string, body: unknown): Promise<T> {
  const headers = { "content-type": "application/json", "accept": "application/json" };
  return request(path, { method: "POST", headers, body: JSON.stringify(body) });
}

/** The answer's JSON; its shape is the protocol's, said by the same origin that said this program. */
async function request<T>(url: string, init: RequestInit): Promise<T> {
  let response: Response;
  try {
    response = await fetch(url, init);
  } catch (error) {
    throw new ApiError("network", String(error));
  }
  if (response.ok) return await response.json();
  throw await refusal(response);
}

async function refusal(response: Response): Promise<ApiError> {
  const retryAfter = Number(response.headers.get("retry-after")) || undefined;
  try {
    const { error } = await response.json();
    return new ApiError(error.code, error.message, retryAfter);
  } catch {
    // Not ours: a proxy's page, most likely because nobody is behind it.
    return new ApiError(response.status >= 500 ? "network" : "bad_request", response.statusText);
  }
}
