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
  message: { text: string; id?: string },
): Promise<Receipt> {
  const response = await fetch(`${url}/api/messages`, {
    method: "POST",
    headers: { "content-type": "application/json", ...bearer(token) },
    body: JSON.stringify(message),
  });
  const answer = await response.json();
  if (!response.ok) throw new Refused(answer.error);
  return { seq: answer.seq, duplicate: response.status === 200 };
}
