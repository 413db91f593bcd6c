import type { Session } from "../room/sessions.ts";
import type { Query } from "./query.ts";
import type { CookieScope } from "./session_cookie.ts";

/** One request, with what has been found out about it before a handler sees it. */
export interface Exchange {
  readonly request: Request;
  readonly query: Query;
  /** Where it comes from; a trusted proxy's client. */
  readonly address: Deno.NetAddr;
  /** The other end of the connection, which may be a proxy. */
  readonly peer: Deno.NetAddr;
  /** Of the token the request brings, if it brings one. */
  readonly session: Session | undefined;
  /** Where the room is for whoever asks, as `http://host:8080/`: what a link to it begins with. */
  readonly base: string;
  /** What stands in the place of each `*` in the path of the route, decoded. */
  readonly items: readonly string[];
  /** That the password was given: by that token, or with the request. */
  readonly proof: string | undefined;
  /** For the session cookie; undefined where it is no page of ours that asks. */
  readonly cookie: CookieScope | undefined;
}

/** Answers one exchange. What it throws becomes a status and a code: a Refusal's own, else `internal`. */
export type Handler = (exchange: Exchange) => Response | Promise<Response>;

/** Handlers by path and method; a `*` in a path stands for a segment of it. */
export type Routes = Readonly<Record<string, Readonly<Record<string, Handler>>>>;
