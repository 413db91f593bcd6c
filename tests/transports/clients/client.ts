import type { DraftFields } from "../../../lib/model/draft.ts";
import type { Receipt } from "../../../lib/model/message.ts";
import type { Code } from "../../../lib/model/refusal.ts";
import type { Addresses } from "../../support/server.ts";
import type { Inbox } from "./inbox.ts";

export interface JoinOptions {
  readonly name?: string;
  readonly token?: string;
  /** A cursor, or what is none. */
  readonly since?: string;
  readonly recent?: number;
  /** Of the room; where there is one, over HTTP the token says that it was given. */
  readonly password?: string;
}

/** Somebody in the room over one transport, as simple as it can be; nothing in it retries. */
export interface Client extends AsyncDisposable {
  readonly inbox: Inbox;
  /** To come back by; the line protocol has none. */
  readonly token: string | undefined;
  /** Resolves when it is stored; throws a Refused. */
  say(text: string, id?: string): Promise<Receipt>;
  /** The same of anything that can be stored. */
  send(fields: DraftFields): Promise<Receipt>;
  /** Goes as somebody goes who means it. Idempotent, and so is disposing, which does the same. */
  leave(): Promise<void>;
}

export interface Transport {
  readonly name: string;
  /** `json` has `welcome`, `live` and tokens; `lines` is what a person sees in a terminal. */
  readonly form: "json" | "poll" | "lines";
  join(at: Addresses, options?: JoinOptions): Promise<Client>;
}

/** An error as it came over the wire. */
export class Refused extends Error {
  readonly code: Code;

  constructor({ code, message }: { code: Code; message: string }) {
    super(message);
    this.code = code;
  }
}

/** `name`, `since` and `recent` as a query. */
export function queryOf({ name, since, recent }: JoinOptions): string {
  const given = Object.entries({ name, since, recent }).filter(([, value]) => value !== undefined);
  return new URLSearchParams(given.map(([key, value]) => [key, String(value)])).toString();
}

export function bearer(token: string | undefined): Record<string, string> {
  return token === undefined ? {} : { authorization: `Bearer ${token}` };
}

/** What a client says that cannot say it over its own connection. */
export async function postAs(
  { url }: Addresses,
  token: string | undefined,
  fields: DraftFields,
): Promise<Receipt> {
  const { method, path, body } = requestOf(fields);
  // Where there is no body, the header says the id.
  const key: HeadersInit = fields.id === undefined || body !== undefined
    ? {}
    : { "idempotency-key": String(fields.id) };
  const response = await fetch(`${url}/api/messages${path}`, {
    method,
    headers: { "content-type": "application/json", ...key, ...bearer(token) },
    body: body === undefined ? null : JSON.stringify(body),
  });
  const answer = await response.json();
  if (!response.ok) throw new Refused(answer.error);
  const { seq, duplicate = response.status === 200 && method === "POST" } = answer;
  return { seq, duplicate };
}

function requestOf(fields: DraftFields): { method: string; path: string; body?: unknown } {
  switch (fields.type) {
    case "edit":
      return {
        method: "PATCH",
        path: `/${fields.ref}`,
        body: { text: fields.text, id: fields.id },
      };
    case "delete":
      return { method: "DELETE", path: `/${fields.ref}` };
    case "reaction": {
      const path = `/${fields.ref}/reactions/${encodeURIComponent(String(fields.emoji))}`;
      return { method: fields.on ? "PUT" : "DELETE", path };
    }
    default:
      return { method: "POST", path: "", body: fields };
  }
}
