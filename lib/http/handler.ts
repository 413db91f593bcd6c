import type { Access } from "../access/mod.ts";
import { Refusal } from "../model/refusal.ts";
import type { Session, Sessions } from "../room/sessions.ts";
import type { Limits } from "../limits/mod.ts";
import { basicPassword } from "../wire/basic_auth.ts";
import { BodyTimeout } from "./body.ts";
import type { Exchange, Handler, Routes } from "./exchange.ts";
import { preflight } from "./origin/cors.ts";
import { checkHost } from "./origin/host.ts";
import type { Origins } from "./origin/origins.ts";
import { type Arrival, arrivalOf, type ArrivalOptions, type Peer } from "./proxy/arrival.ts";
import type { Silence } from "./proxy/silence.ts";
import { Query } from "./query.ts";
import { refusalResponse } from "./respond.ts";
import type { SignIns } from "../room/identity/sign_ins.ts";
import { tokenOf } from "./session_cookie.ts";
import { useOf } from "./identity/sign_ins.ts";

export interface Files {
  /** The answer to a GET or HEAD of a path; undefined where there is no such file. */
  respond(request: Request, path: string): Promise<Response | undefined>;
}

export interface HandlerOptions {
  readonly routes: Routes;
  /** Paths of routes that answer everybody; all others are for those who may read. */
  readonly open: ReadonlySet<string>;
  readonly access: Access;
  /** What is served where no route is. */
  readonly files: Files;
  readonly sessions: Sessions;
  readonly signIns: SignIns;
  readonly limits: Limits;
  readonly arrival: ArrivalOptions;
  /** Besides the loopback names and any IP address: host names under which the server is reached. */
  readonly hosts: readonly string[];
  readonly origins: Origins;
  readonly silence: Silence;
  /** Told what a client must not see. */
  readonly report: (what: string, error: unknown) => void;
  /** Told of each request that is refused, which of a flood are many a second. */
  readonly onRefusal?: (refusal: Refusal, address: string) => void;
}

/** A request, with where it comes from. */
interface Coming {
  readonly url: URL;
  readonly arrival: Arrival;
  readonly peer: Deno.NetAddr;
}

/** The handler for `Deno.serve`. Whatever is thrown becomes a status and a code; it never rejects. */
export function createHandler(options: HandlerOptions) {
  const { limits, origins, report } = options;
  const routeOf = router(options.routes);
  return async (request: Request, peer: Peer): Promise<Response> => {
    const response = await respond(request, peer);
    return origins.share(request, response);
  };

  async function respond(request: Request, peer: Peer): Promise<Response> {
    let address = peer.remoteAddr;
    try {
      const url = URL.parse(request.url);
      if (!url) throw new Refusal("bad_request", "the Host header is not a host and a port");
      const { headers } = request;
      const arrival = arrivalOf({ headers, url }, peer, options.arrival);
      address = arrival.address;
      limits.request(address.hostname);
      const coming = { url, arrival, peer: peer.remoteAddr };
      return await answer(request, coming, { ...options, routeOf });
    } catch (error) {
      const refusal = Refusal.from(error);
      options.onRefusal?.(refusal, address.hostname);
      if (error instanceof BodyTimeout) return timedOut(error);
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
  const response = refusalResponse(error);
  response.headers.set("connection", "close");
  return response;
}

async function answer(
  request: Request,
  { url, arrival, peer }: Coming,
  {
    routeOf,
    open,
    access,
    files,
    sessions,
    signIns,
    hosts,
    origins,
    silence,
    arrival: { basePath },
  }: HandlerOptions & { readonly routeOf: Router },
): Promise<Response> {
  const misdirected = checkHost(arrival.host, hosts);
  if (misdirected) return misdirected;
  const { method, headers } = request;
  const path = url.pathname.startsWith(basePath)
    ? url.pathname.slice(basePath.length - 1)
    : url.pathname;
  const { methods, items } = routeOf(path);
  if (!methods) return await answerFile(request, path, files);
  if (method === "OPTIONS" && origins.asks(request)) return preflight(Object.keys(methods));
  // A method may be any word, `toString` and `constructor` among them.
  if (!Object.hasOwn(methods, method)) return notAllowed(Object.keys(methods), method);
  const isOurs = origins.of(headers, arrival) === "own";
  const session = await sessionOf(headers, sessions, isOurs);
  const { address } = arrival;
  silence.heard(headers, address.hostname);
  if (session) signIns.use(session, useOf({ request, address }));
  const password = basicPassword(headers.get("authorization"));
  const given = password === undefined ? undefined : await access.prove(password, address.hostname);
  const proof = given ?? session?.proof;
  if (!open.has(path)) access.checkRead({ proof });
  const query = new Query(url.searchParams);
  const cookie = isOurs ? { path: arrival.prefix, secure: arrival.secure ?? false } : undefined;
  const base = `${arrival.secure ? "https" : "http"}://${arrival.host}${arrival.prefix}`;
  const exchange: Exchange = { request, query, address, peer, session, proof, cookie, base, items };
  return (methods[method] as Handler)(exchange);
}

interface Route {
  readonly methods?: Routes[string];
  readonly items: readonly string[];
}

type Router = (path: string) => Route;

/** Finds the route of a path: one that is named, else the first of those with a `*` that fits. */
function router(routes: Routes): Router {
  const patterns = Object.entries(routes).filter(([path]) => path.includes("*"))
    .map(([path, methods]) => ({ segments: path.split("/"), methods }));
  return (path) => {
    if (Object.hasOwn(routes, path)) return { methods: routes[path]!, items: [] };
    const parts = path.split("/");
    for (const { segments, methods } of patterns) {
      if (!fits(parts, segments)) continue;
      const items = parts.filter((_, i) => segments[i] === "*").map(decodeSegment);
      return { methods, items };
    }
    return { items: [] };
  };
}

function fits(parts: readonly string[], segments: readonly string[]): boolean {
  return parts.length === segments.length &&
    segments.every((segment, i) => segment === "*" ? parts[i] !== "" : parts[i] === segment);
}

function decodeSegment(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    throw new Refusal("bad_request", "the path has a % that is no escape");
  }
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
