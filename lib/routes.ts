import { hostPort } from "./base/net/listen.ts";
import type { Handler, Routes } from "./http/exchange.ts";
import type { FileStore } from "./files/mod.ts";
import { getFile } from "./http/files/serve.ts";
import { postFile } from "./http/files/upload.ts";
import { getFrontPage } from "./http/front_page.ts";
import { getMessage, getMessages, getPresence } from "./http/history.ts";
import { getPeople } from "./http/lookup/people.ts";
import { getSearch } from "./http/lookup/search.ts";
import { getModeration, postModeration } from "./http/moderation.ts";
import { openSession } from "./http/open_session.ts";
import { text } from "./http/respond.ts";
import { signInRoutes } from "./http/identity/sign_ins.ts";
import { unavailable } from "./model/refusal.ts";
import type { FrontPage } from "./page/front_page.ts";
import { echo } from "./transports/echo.ts";
import { httpStream } from "./transports/http_stream.ts";
import { longPoll } from "./transports/long_poll.ts";
import { changeRoutes } from "./transports/messages/change.ts";
import { post } from "./transports/messages/post.ts";
import type { Services } from "./transports/services.ts";
import { sse } from "./transports/sse.ts";
import { textSocket } from "./transports/text_socket.ts";
import { websocket } from "./transports/websocket.ts";

/**
 * Paths that answer everybody: they show nothing of the room, or ask for its password themselves. All
 * others are for those who may read, which the handler looks after.
 */
export const OPEN_PATHS: ReadonlySet<string> = new Set([
  "/",
  "/ws/text",
  "/echo",
  "/api/session",
  "/ping",
  "/livez",
  "/readyz",
  "/metrics",
]);

/** Everything that PROTOCOL.md tells under "WebSocket" and "HTTP"; other paths are the page's files. */
export function routesOf(
  services: Services & {
    readonly files: FileStore;
    /** Where the log is elsewhere: whether it can be reached. */
    readonly nats?: { readonly connected: boolean } | undefined;
  },
  frontPage: Pick<FrontPage, "respond">,
  metrics: Handler | undefined,
): Routes {
  const { room, limits, access } = services;
  const offered = (what: "search" | "echo", handler: Handler): Handler => (exchange) => {
    access.checkOffered(what);
    return handler(exchange);
  };
  const reading = (handler: Handler): Handler => (exchange) => {
    limits.read(exchange.address.hostname);
    return handler(exchange);
  };
  const page = reading(getFrontPage(frontPage, access));
  const signIns = signInRoutes(services);
  const file = getFile(services);
  const change = changeRoutes(services);
  return {
    "/": { GET: page, HEAD: page },
    "/ws": { GET: websocket(services) },
    "/ws/text": { GET: textSocket(services) },
    "/echo": { GET: offered("echo", echo(limits)) },
    "/events": { GET: sse(services) },
    "/stream": { GET: httpStream(services) },
    "/poll": { GET: longPoll(services) },
    "/api/messages": { GET: reading(getMessages(room.log)), POST: post(services) },
    "/api/messages/*": {
      GET: reading(getMessage(room.log)),
      PATCH: change.edit,
      DELETE: change.remove,
    },
    "/api/messages/*/reactions/*": { PUT: change.react, DELETE: change.unreact },
    "/api/search": { GET: offered("search", reading(getSearch(room.log))) },
    "/api/presence": { GET: getPresence(room) },
    "/api/people": { GET: reading(getPeople(room)) },
    "/api/moderation": { GET: getModeration(services), POST: postModeration(services) },
    "/api/files": { POST: postFile(services) },
    "/files/*/*": { GET: file, HEAD: file },
    "/api/session": { POST: openSession(services) },
    "/api/sessions": { GET: signIns.list, POST: signIns.add, DELETE: signIns.endOthers },
    "/api/sessions/*": { DELETE: signIns.end },
    "/ping": { GET: ({ address }) => text(`pong ${hostPort(address.hostname, address.port)}`) },
    ...(metrics && { "/metrics": { GET: metrics } }),
    "/livez": { GET: () => text("ok") },
    "/readyz": {
      GET() {
        if (room.draining) throw unavailable("the server is restarting", 1);
        // Why is for the operator: the room's report has said it.
        if (room.log.broken) throw unavailable("messages cannot be stored until a restart", 60);
        if (services.nats?.connected === false) throw unavailable("NATS cannot be reached", 1);
        return text("ready");
      },
    },
  };
}
