import { Refusal } from "../model/refusal.ts";
import type { Session, Sessions } from "../room/sessions.ts";
import type { Limits } from "../limits/mod.ts";
import { BodyTimeout } from "./body.ts";
import { clientAddress } from "./client_address.ts";
import type { Exchange, Handler, Routes } from "./exchange.ts";
import { checkHost, checkOrigin } from "./origin.ts";
import { Query } from "./query.ts";
import { refusalResponse } from "./respond.ts";
import type { SignIns } from "../room/identity/sign_ins.ts";
import { tokenOf } from "./session_cookie.ts";
import { useOf } from "./identity/sign_ins.ts";

export interface Files {
  /** The answer to a GET or HEAD; undefined where there is no such file. */
  respond(request: Request): Promise<Response | undefined>;
}

export interface HandlerOptions {
  readonly routes: Routes;
  /** What is served where no route is. */
  readonly files: Files;
  readonly sessions: Sessions;
  readonly signIns: SignIns;
  readonly limits: Limits;
  /** Addresses of proxies, whose X-Forwarded-For is believed. */
  readonly proxies: readonly string[];
  /** Besides the loopback names and any IP address: host names under which the server is reached. */
  readonly hosts: readonly string[];
  /** Told what a client must not see. */
  readonly report: (what: string, error: unknown) => void;
}

type Info = Deno.ServeHandlerInfo<Deno.NetAddr>;

/** The handler for `Deno.serve`. Whatever is thrown becomes a status and a code; it never rejects. */
export function createHandler(options: HandlerOptions) {
  return async (request: Request, info: Info): Promise<Response> => {
    try {
      const address = clientAddress(request.headers, info.remoteAddr, options.proxies);
      options.limits.request(address.hostname);
      return await answer(request, address, options);
    } catch (error) {
      if (error instanceof BodyTimeout) return timedOut(error);
      const refusal = Refusal.from(error);
      if (refusal.code === "internal") {
        const path = URL.parse(request.url)?.pathname;
        options.report(`cannot answer ${request.method} ${path}`, error);
      }
      return refusalResponse(refusal);
    }
  };
}

/**
 * The connection cannot be used again, since what comes next on it is the rest of the body. The runtime
 * does not end it; the header asks the client to.
 */
function timedOut(error: BodyTimeout): Response {
  const response = refusalResponse(error, 408);
  response.headers.set("connection", "close");
  return response;
}

async function answer(
  request: Request,
  address: Deno.NetAddr,
  { routes, files, sessions, signIns, hosts }: HandlerOptions,
): Promise<Response> {
  const misdirected = checkHost(request, hosts);
  if (misdirected) return misdirected;
  const url = URL.parse(request.url);
  if (!url) throw new Refusal("bad_request", "the Host header is not a host and a port");
  const { methods, item } = routeOf(url.pathname, routes);
  if (!methods) return await answerFile(request, files);
  // A method may be any word, `toString` and `constructor` among them.
  if (!Object.hasOwn(methods, request.method)) {
    return notAllowed(Object.keys(methods), request.method);
  }
  checkOrigin(request);
  const session = await sessionOf(request.headers, sessions);
  if (session) signIns.use(session, useOf({ request, address }));
  const query = new Query(url.searchParams);
  const exchange: Exchange = { request, query, address, session, item };
  return (methods[request.method] as Handler)(exchange);
}

function routeOf(path: string, routes: Routes): { methods?: Routes[string]; item?: string } {
  if (Object.hasOwn(routes, path)) return { methods: routes[path]! };
  const at = path.lastIndexOf("/") + 1;
  const pattern = `${path.slice(0, at)}*`;
  if (at === path.length || !Object.hasOwn(routes, pattern)) return {};
  try {
    return { methods: routes[pattern]!, item: decodeURIComponent(path.slice(at)) };
  } catch {
    throw new Refusal("bad_request", "the path has a % that is no escape");
  }
}

/**
 * A token in a header was put there by a program, which must know that it is no good; a cookie comes
 * by itself, and one that is no good is as none: `POST /api/session` replaces it.
 */
function sessionOf(headers: Headers, sessions: Sessions): Promise<Session | undefined> {
  const brought = tokenOf(headers);
  if (!brought) return Promise.resolve(undefined);
  return brought.by === "bearer"
    ? sessions.authenticate(brought.token)
    : sessions.verify(brought.token);
}

/** A file of the page, which any page may link to. */
async function answerFile(request: Request, files: Files): Promise<Response> {
  const response = await files.respond(request);
  if (!response) throw new Refusal("not_found", "there is nothing here; the page is at /");
  if (request.method === "GET" || request.method === "HEAD") return response;
  await response.body?.cancel();
  return notAllowed(["GET", "HEAD"], request.method);
}

function notAllowed(methods: string[], method: string): Response {
  const allow = methods.join(", ");
  const refusal = new Refusal("bad_request", `${method} is not possible here; wanted ${allow}`);
  const response = refusalResponse(refusal, 405);
  response.headers.set("allow", allow);
  return response;
}
