import type { Session } from "../room/sessions.ts";
import type { Query } from "./query.ts";

/** One request, with what has been found out about it before a handler sees it. */
export interface Exchange {
  readonly request: Request;
  readonly query: Query;
  readonly address: Deno.NetAddr;
  /** Of the token the request brings, if it brings one. */
  readonly session: Session | undefined;
  /** What stands in the place of `*` in the path of the route, decoded; undefined where it has none. */
  readonly item?: string | undefined;
}

/** Answers one exchange. What it throws becomes a status and a code: a Refusal's own, else `internal`. */
export type Handler = (exchange: Exchange) => Response | Promise<Response>;

/** Handlers by path and method; a path may end in `/*`, which stands for one more segment. */
export type Routes = Readonly<Record<string, Readonly<Record<string, Handler>>>>;
