// The service worker. Where the server does not answer it answers with the page, without what was said
// in the room: that is kept by the page itself, which knows what was deleted meanwhile. Otherwise the page
// always comes from the server, so it is never out of date; only files whose address holds their version
// (/_/…) come from the cache. It is a classic script, since not all browsers accept a module here.

/** A service worker's types, as far as used: TypeScript cannot load them beside those of a page. */
interface Scope extends EventTarget {
  skipWaiting(): Promise<void>;
  readonly clients: {
    claim(): Promise<void>;
    matchAll(options: { type: "window" }): Promise<readonly Client[]>;
    openWindow(url: string): Promise<Client | null>;
  };
}
interface Client {
  focus(): Promise<Client>;
  postMessage(message: unknown): void;
}
interface LongEvent extends Event {
  waitUntil(done: Promise<unknown>): void;
}
interface FetchEvent extends LongEvent {
  readonly request: Request;
  respondWith(response: Promise<Response>): void;
}
interface NotificationEvent extends LongEvent {
  readonly notification: Notification;
}

const scope = self as unknown as Scope;
/** Where the page lies: the room may begin under a path, beside others of the same host. */
const PAGE = new URL("./", location.href);
/** Statuses that say that the room cannot be reached. */
const NOT_THERE = new Set([502, 503, 504]);
const CACHE = `partyline${PAGE.pathname.replace(/^\/$/, "")}`;

scope.addEventListener("install", (event) => {
  (event as LongEvent).waitUntil(keep().then(() => scope.skipWaiting()));
});

scope.addEventListener("activate", (event) => {
  (event as LongEvent).waitUntil(scope.clients.claim());
});

// A page asks to be taken charge of; or, when it is hidden, to be kept, so that offline it looks as it
// did then.
scope.addEventListener("message", (event) => {
  const { data } = event as MessageEvent;
  (event as unknown as LongEvent).waitUntil(data === "claim" ? scope.clients.claim() : keep());
});

scope.addEventListener("fetch", (event) => {
  const { request } = event as FetchEvent;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== "GET" || origin !== location.origin) return;
  if (request.mode === "navigate" && pathname === PAGE.pathname) {
    (event as FetchEvent).respondWith(pageFor(request));
  } else if (pathname.startsWith(`${PAGE.pathname}_/`)) {
    (event as FetchEvent).respondWith(kept(request.url).catch(() => fetchFile(request)));
  }
});

scope.addEventListener("notificationclick", (event) => {
  const { notification } = event as NotificationEvent;
  notification.close();
  (event as LongEvent).waitUntil(show(Number(notification.data)));
});

async function pageFor(request: Request): Promise<Response> {
  try {
    const page = await fetch(request);
    // What a proxy says where nobody is behind it, or a server that is not ready.
    return NOT_THERE.has(page.status) ? await kept(PAGE.href).catch(() => page) : page;
  } catch {
    return await kept(PAGE.href);
  }
}

/** A file of this version that is loaded later than the page, and may be wanted again offline. */
async function fetchFile(request: Request): Promise<Response> {
  const response = await fetch(request);
  if (!response.ok) return response;
  const copy = response.clone();
  // best effort: it is there without a cache, too
  caches.open(CACHE).then((cache) => cache.put(request, copy)).catch(() => {});
  return response;
}

/** The page without what was said, marked so that it looks for that elsewhere. */
function shellOf(html: string): string {
  return html
    .replace("<body ", "<body data-kept ")
    .replace(/(<p class="topic"[^>]*>)[^<]*/, "$1")
    .replace(/(<div class="rows"[^>]*>)[^]*?(<\/div>\s*<div class="drafts">)/, "$1$2")
    .replace(/(<script type="application\/json"[^>]*>)([^<]*)/, (_, tag, json) => {
      const screen = JSON.parse(json);
      const nothing = { topic: "", epoch: "", first: 1, last: 0, entries: [], quoted: [] };
      return tag + JSON.stringify({ ...screen, ...nothing }).replaceAll("<", "\\u003c");
    });
}

/**
 * Caches the page as it is now, with the files it names and those that it loads later, so that all of it
 * opens offline, too; and deletes those of other versions.
 */
async function keep(): Promise<void> {
  const page = await fetch(PAGE);
  if (!page.ok) return;
  const html = await page.text();
  const named = Array.from(
    html.matchAll(/ (?:href|src)="(_\/[^"]+)"/g),
    ([, file]) => new URL(file!, PAGE).pathname,
  );
  const folders = new Set(named.map((file) => file.slice(0, file.lastIndexOf("/") + 1)));
  const listed = await Promise.all([...folders].map(filesIn));
  const files = [...named, ...listed.flat()];
  const cache = await caches.open(CACHE);
  const known = (await cache.keys()).map(({ url }) => new URL(url).pathname);
  // The page last, so that a cached page never names a file that is not cached.
  await cache.addAll([...new Set(files)].filter((file) => !known.includes(file)));
  const headers = new Headers(page.headers);
  // They are of the page as it was sent.
  for (const name of ["content-encoding", "content-length", "etag"]) headers.delete(name);
  await cache.put(PAGE, new Response(shellOf(html), { headers }));
  const old = known.filter((path) =>
    path !== PAGE.pathname && !folders.has(path.slice(0, path.lastIndexOf("/") + 1))
  );
  await Promise.all(old.map((path) => cache.delete(path)));
}

/** The scripts and style sheets of a version, with the list of them. */
async function filesIn(folder: string): Promise<string[]> {
  const list = `${folder}files.json`;
  const response = await kept(list).catch(() => fetch(list));
  if (!response.ok) throw new TypeError(`Cannot keep the page: ${list} is ${response.status}`);
  const names: string[] = await response.json();
  return [list, ...names.map((name) => folder + name)];
}

async function kept(url: string): Promise<Response> {
  const response = await (await caches.open(CACHE)).match(url);
  if (!response) throw new TypeError(`Cannot show ${url}: it is not kept`);
  return response;
}

async function show(seq: number): Promise<void> {
  const [page] = await scope.clients.matchAll({ type: "window" });
  if (!page) return void await scope.clients.openWindow(`${PAGE.href}#${seq}`);
  await page.focus();
  page.postMessage({ go: seq });
}
