import type { Message } from "../../lib/model/message.ts";
import { Refusal } from "../../lib/model/refusal.ts";

/** Entries of the log, and whether there are more where these come from. */
export interface Page {
  readonly events: readonly Message[];
  readonly more: boolean;
  /** Where a search goes on that had no time to look everywhere. */
  readonly before?: number;
}

/**
 * Messages of the log, in order: next to a position, which is one of the four, or without any its
 * end; `at` is a time as text. Rejects where there is no answer, or another than 200.
 */
export function fetchMessages(
  where: { before?: number; after?: number; around?: number; at?: string; limit: number },
): Promise<Page> {
  return get("api/messages", where);
}

/** A message as it is now; undefined where there is none. Rejects as above. */
export async function fetchMessage(seq: number): Promise<Message | undefined> {
  const path = `api/messages/${seq}`;
  const response = await fetch(path, { headers: { accept: "application/json" } });
  if (response.ok) return (await response.json()).event;
  await response.body?.cancel();
  if (response.status === 404) return undefined;
  throw new Error(`Cannot read ${path}: ${response.status}`);
}

/** Messages that match, newest first. Rejects as above, and when the signal aborts. */
export function searchMessages(
  query: { q: string; before?: number; limit: number },
  signal: AbortSignal,
): Promise<Page> {
  return get("api/search", query, signal);
}

/** Some of those who are here, with `q` in their names; who spoke last comes first. Rejects as above. */
export function fetchPeople(
  query: { q: string; limit: number },
  signal: AbortSignal,
): Promise<{ readonly names: readonly string[] }> {
  return get("api/people", query, signal);
}

/** What the server says to a password. */
export type PasswordAnswer =
  | { readonly type: "right" | "wrong" }
  /** Too many were wrong. */
  | { readonly type: "wait"; readonly seconds: number };

/** Gives the room's password: from then on the cookie says that it was right. Rejects as above. */
export async function sendPassword(password: string): Promise<PasswordAnswer> {
  const response = await fetch("api/session", {
    method: "POST",
    headers: { "accept": "application/json", "content-type": "application/json" },
    body: JSON.stringify({ password }),
  });
  await response.body?.cancel();
  if (response.ok) return { type: "right" };
  if (response.status === 401) return { type: "wrong" };
  if (response.status !== 429) throw new Error(`Cannot give the password: ${response.status}`);
  return { type: "wait", seconds: Number(response.headers.get("retry-after") ?? 60) };
}

/**
 * Goes on as whom the token stands for: the cookie is that one's from then on. Resolves with the name.
 * Rejects with a Refusal, or where there is no answer.
 */
export async function adoptToken(token: string): Promise<string> {
  const response = await fetch("api/session", {
    method: "POST",
    headers: { "authorization": `Bearer ${token}`, "content-type": "application/json" },
    body: "{}",
  });
  const answer = await response.json();
  if (!response.ok) throw new Refusal(answer.error.code, answer.error.message);
  return answer.name;
}

/** The shape of the answer is trusted: the server that sends it has sent this program. */
async function get<T>(
  path: string,
  query: Readonly<Record<string, string | number>>,
  signal?: AbortSignal,
): Promise<T> {
  const search = new URLSearchParams();
  for (const [key, value] of Object.entries(query)) search.set(key, String(value));
  const response = await fetch(`${path}?${search}`, {
    headers: { accept: "application/json" },
    ...(signal && { signal }),
  });
  if (!response.ok) throw new Error(`Cannot read ${path}: ${response.status}`);
  return await response.json();
}
