import type { Access } from "../access/mod.ts";
import { Refusal } from "../model/refusal.ts";
import type { Session, Sessions } from "../room/sessions.ts";
import type { Limits } from "../limits/mod.ts";
import { basicPassword } from "../wire/basic_auth.ts";
import { BodyTimeout } from "./body.ts";
import { clientAddress } from "./client_address.ts";
import type { Exchange, Handler, Routes } from "./exchange.ts";
import { checkHost, checkOrigin } from "./origin.ts";
import { Query } from "./query.ts";
import { refusalResponse } from "./respond.ts";
import { tokenOf } from "./session_cookie.ts";

export interface Files {
  /** The answer to a GET or HEAD; undefined where there is no such file. */
  respond(request: Request): Promise<Response | undefined>;
}

export interface HandlerOptions {
  readonly routes: Routes;
  /** Paths of routes that answer everybody; all others are for those who may read. */
  readonly open: ReadonlySet<string>;
  readonly access: Access;
  /** What is served where no route is. */
  readonly files: Files;
  readonly sessions: Sessions;
  readonly limits: Limits;
  /** Addresses of proxies, whose X-Forwarded-For is believed. */
  readonly proxies: readonly string[];
  /** Besides the loopback names and any IP address: host names under which the server is reached. */
  readonly hosts: readonly string[];
  /** Told what a client must not see. */
  readonly report: (what: string, error: unknown) => void;
  /** Told of each request that is refused, which of a flood are many a second. */
  readonly onRefusal?: (refusal: Refusal, address: string) => void;
}

type Info = Deno.ServeHandlerInfo<Deno.NetAddr>;

/** The handler for `Deno.serve`. Whatever is thrown becomes a status and a code; it never rejects. */
export function createHandler(options: HandlerOptions) {
  return async (request: Request, info: Info): Promise<Response> => {
    const peer = info.remoteAddr;
    const address = clientAddress(request.headers, peer, options.proxies);
    try {
      options.limits.request(address.hostname);
      return await answer(request, { address, peer }, options);
    } catch (error) {
      const refusal = Refusal.from(error);
      options.onRefusal?.(refusal, address.hostname);
      if (error instanceof BodyTimeout) return timedOut(error);
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
  from: Pick<Exchange, "address" | "peer">,
  { routes, open, access, files, sessions, hosts }: HandlerOptions,
): Promise<Response> {
  const misdirected = checkHost(request, hosts);
  if (misdirected) return misdirected;
  const url = URL.parse(request.url);
  if (!url) throw new Refusal("bad_request", "the Host header is not a host and a port");
  const methods = Object.hasOwn(routes, url.pathname) ? routes[url.pathname]! : undefined;
  if (!methods) return await answerFile(request, files);
  // A method may be any word, `toString` and `constructor` among them.
  if (!Object.hasOwn(methods, request.method)) {
    return notAllowed(Object.keys(methods), request.method);
  }
  checkOrigin(request);
  const session = await sessionOf(request.headers, sessions);
  const password = basicPassword(request.headers.get("authorization"));
  const given = password === undefined
    ? undefined
    : await access.prove(password, from.address.hostname);
  const proof = given ?? session?.proof;
  if (!open.has(url.pathname)) access.checkRead({ proof });
  const query = new Query(url.searchParams);
  const exchange: Exchange = { request, query, ...from, session, proof };
  return (methods[request.method] as Handler)(exchange);
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
