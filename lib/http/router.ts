import type { Context } from "./context.ts";
import { hostPort } from "../base/listen.ts";
import { echo } from "../transports/echo.ts";
import { httpStream } from "../transports/http_stream.ts";
import { longPoll } from "../transports/long_poll.ts";
import { post } from "../transports/post.ts";
import { sse } from "../transports/sse.ts";
import { textSocket } from "../transports/text_socket.ts";
import { websocket } from "../transports/websocket.ts";
import { frontPage } from "./front_page.ts";
import { getMessages, getPresence, getSearch } from "./history.ts";
import { checkHost, checkOrigin } from "./origin.ts";
import { Query } from "./query.ts";
import { Refusal } from "../model/refusal.ts";
import { refusalResponse, text } from "./respond.ts";
import { openSession } from "./open_session.ts";
import { type Session, tokenOf } from "../room/sessions.ts";

/** One request, with what has been found out about it before a route sees it. */
export interface Exchange {
  readonly request: Request;
  readonly context: Context;
  readonly query: Query;
  readonly address: Deno.NetAddr;
  /** Of the token the request brings, if we issued it. */
  readonly session: Session | undefined;
}

type Route = (exchange: Exchange) => Response | Promise<Response>;

/** Everything under "Over WebSocket" and "Over HTTP" of the protocol; other paths are the page's files. */
const ROUTES: Readonly<Record<string, Readonly<Record<string, Route>>>> = {
  "/": { GET: frontPage, HEAD: frontPage },
  "/ws": { GET: websocket },
  "/ws/text": { GET: textSocket },
  "/echo": { GET: echo },
  "/events": { GET: sse },
  "/stream": { GET: httpStream },
  "/poll": { GET: longPoll },
  "/api/messages": { GET: getMessages, POST: post },
  "/api/search": { GET: getSearch },
  "/api/presence": { GET: getPresence },
  "/api/session": { POST: openSession },
  "/ping": { GET: ({ address }) => text(`pong ${hostPort(address.hostname, address.port)}`) },
  "/livez": { GET: () => text("ok") },
  "/readyz": {
    GET({ context }) {
      if (!context.room.draining) return text("ready");
      throw new Refusal("unavailable", "the server is restarting", { retryAfter: 1 });
    },
  },
};

/** Every other path: a file of the page, which any page may link to. */
const FILE: Readonly<Record<string, Route>> = { GET: file, HEAD: file };

/** The handler for `Deno.serve`. Whatever is thrown becomes a status and a code; it never rejects. */
export function createHandler(context: Context) {
  return async (
    request: Request,
    info: Deno.ServeHandlerInfo<Deno.NetAddr>,
  ): Promise<Response> => {
    try {
      return await answer(request, info.remoteAddr, context);
    } catch (error) {
      const refusal = Refusal.from(error);
      if (refusal.code === "internal") {
        context.room.report(
          `cannot answer ${request.method} ${URL.parse(request.url)?.pathname}`,
          error,
        );
      }
      return refusalResponse(refusal);
    }
  };
}

async function answer(
  request: Request,
  address: Deno.NetAddr,
  context: Context,
): Promise<Response> {
  const misdirected = checkHost(request, context.hosts);
  if (misdirected) return misdirected;
  const url = URL.parse(request.url);
  if (!url) throw new Refusal("bad_request", "the Host header is not a host and a port");
  const methods = ROUTES[url.pathname] ?? FILE;
  // A method may be any word, `toString` and `constructor` among them.
  const route = Object.hasOwn(methods, request.method) ? methods[request.method] : undefined;
  if (!route && methods === FILE && !context.assets.has(url.pathname)) throw notFound();
  if (!route) return notAllowed(Object.keys(methods), request.method);
  if (methods !== FILE) checkOrigin(request);
  const token = tokenOf(request.headers);
  const session = token === undefined ? undefined : await context.sessions.verify(token);
  return route({ request, context, query: new Query(url.searchParams), address, session });
}

async function file({ request, context }: Exchange): Promise<Response> {
  const response = await context.assets.respond(request, context.compress);
  if (!response) throw notFound();
  return response;
}

function notFound(): Refusal {
  return new Refusal("not_found", "there is nothing here; the page is at /");
}

function notAllowed(methods: string[], method: string): Response {
  const allow = methods.join(", ");
  const refusal = new Refusal("bad_request", `${method} is not possible here; wanted ${allow}`);
  const response = refusalResponse(refusal, 405);
  response.headers.set("allow", allow);
  return response;
}
