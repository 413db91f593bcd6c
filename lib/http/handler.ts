import { Refusal } from "../model/refusal.ts";
import type { Session, Sessions } from "../room/sessions.ts";
import type { Limits } from "../limits/mod.ts";
import { BodyTimeout } from "./body.ts";
import type { Exchange, Handler, Routes } from "./exchange.ts";
import { preflight } from "./origin/cors.ts";
import { checkHost } from "./origin/host.ts";
import type { Origins } from "./origin/origins.ts";
import { type Arrival, arrivalOf, type ArrivalOptions, type Peer } from "./proxy/arrival.ts";
import type { Silence } from "./proxy/silence.ts";
import { Query } from "./query.ts";
import { refusalResponse } from "./respond.ts";
import { tokenOf } from "./session_cookie.ts";

export interface Files {
  /** The answer to a GET or HEAD of a path; undefined where there is no such file. */
  respond(request: Request, path: string): Promise<Response | undefined>;
}

export interface HandlerOptions {
  readonly routes: Routes;
  /** What is served where no route is. */
  readonly files: Files;
  readonly sessions: Sessions;
  readonly limits: Limits;
  readonly arrival: ArrivalOptions;
  /** Besides the loopback names and any IP address: host names under which the server is reached. */
  readonly hosts: readonly string[];
  readonly origins: Origins;
  readonly silence: Silence;
  /** Told what a client must not see. */
  readonly report: (what: string, error: unknown) => void;
}

/** The handler for `Deno.serve`. Whatever is thrown becomes a status and a code; it never rejects. */
export function createHandler(options: HandlerOptions) {
  const { limits, origins, report } = options;
  return async (request: Request, peer: Peer): Promise<Response> => {
    const response = await respond(request, peer);
    return origins.share(request, response);
  };

  async function respond(request: Request, peer: Peer): Promise<Response> {
    try {
      const url = URL.parse(request.url);
      if (!url) throw new Refusal("bad_request", "the Host header is not a host and a port");
      const { headers } = request;
      const arrival = arrivalOf({ headers, url }, peer, options.arrival);
      limits.request(arrival.address.hostname);
      return await answer(request, { url, arrival }, options);
    } catch (error) {
      if (error instanceof BodyTimeout) return timedOut(error);
      const refusal = Refusal.from(error);
      if (refusal.code === "internal") {
        const path = URL.parse(request.url)?.pathname;
        report(`cannot answer ${request.method} ${path}`, error);
      }
      return refusalResponse(refusal);
    }
  }
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
  { url, arrival }: { readonly url: URL; readonly arrival: Arrival },
  { routes, files, sessions, hosts, origins, silence, arrival: { basePath } }: HandlerOptions,
): Promise<Response> {
  const misdirected = checkHost(arrival.host, hosts);
  if (misdirected) return misdirected;
  const { method, headers } = request;
  const path = url.pathname.startsWith(basePath)
    ? url.pathname.slice(basePath.length - 1)
    : url.pathname;
  const methods = Object.hasOwn(routes, path) ? routes[path]! : undefined;
  if (!methods) return await answerFile(request, path, files);
  if (method === "OPTIONS" && origins.asks(request)) return preflight(Object.keys(methods));
  // A method may be any word, `toString` and `constructor` among them.
  if (!Object.hasOwn(methods, method)) return notAllowed(Object.keys(methods), method);
  const isOurs = origins.of(headers, arrival) === "own";
  silence.heard(headers, arrival.address.hostname);
  const exchange: Exchange = {
    request,
    query: new Query(url.searchParams),
    address: arrival.address,
    session: await sessionOf(headers, sessions, isOurs),
    cookie: isOurs ? { path: arrival.prefix, secure: arrival.secure ?? false } : undefined,
  };
  return (methods[method] as Handler)(exchange);
}

/**
 * A token in a header was put there by a program, which must know that it is no good; a cookie comes
 * by itself, and one that is no good is as none: `POST /api/session` replaces it. The cookie is for
 * our own page alone.
 */
function sessionOf(
  headers: Headers,
  sessions: Sessions,
  isOurs: boolean,
): Promise<Session | undefined> {
  const brought = tokenOf(headers);
  if (brought?.by === "bearer") return sessions.authenticate(brought.token);
  return brought && isOurs ? sessions.verify(brought.token) : Promise.resolve(undefined);
}

/** A file of the page, which any page may link to. */
async function answerFile(request: Request, path: string, files: Files): Promise<Response> {
  const response = await files.respond(request, path);
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
