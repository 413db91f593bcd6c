// The service worker. Without a network it answers with the page as it was last seen, messages
// included. With one, the page always comes from the server, so it is never out of date; only files
// whose address holds their version (/_/…) come from the cache. It is a classic script, since not all
// browsers accept a module here.

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
const CACHE = `partyline${PAGE.pathname.replace(/^\/$/, "")}`;

scope.addEventListener("install", (event) => {
  (event as LongEvent).waitUntil(keep().then(() => scope.skipWaiting()));
});

scope.addEventListener("activate", (event) => {
  (event as LongEvent).waitUntil(scope.clients.claim());
});

// A page asks for this when it is hidden, so that offline it looks as it did then.
scope.addEventListener("message", (event) => {
  (event as LongEvent).waitUntil(keep());
});

scope.addEventListener("fetch", (event) => {
  const { request } = event as FetchEvent;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== "GET" || origin !== location.origin) return;
  if (request.mode === "navigate" && pathname === PAGE.pathname) {
    (event as FetchEvent).respondWith(fetch(request).catch(() => kept(PAGE.href)));
  } else if (pathname.startsWith(`${PAGE.pathname}_/`)) {
    (event as FetchEvent).respondWith(kept(request.url).catch(() => fetchFile(request)));
  }
});

scope.addEventListener("notificationclick", (event) => {
  const { notification } = event as NotificationEvent;
  notification.close();
  (event as LongEvent).waitUntil(show(Number(notification.data)));
});

/** Caches the page as it is now, with the files it names, and deletes all others. */
async function keep(): Promise<void> {
  const page = await fetch(PAGE);
  if (!page.ok) return;
  const html = await page.clone().text();
  const files = Array.from(
    html.matchAll(/ (?:href|src)="(_\/[^"]+)"/g),
    ([, file]) => new URL(file!, PAGE).pathname,
  );
  const cache = await caches.open(CACHE);
  const known = (await cache.keys()).map(({ url }) => new URL(url).pathname);
  // The page last, so that a cached page never names a file that is not cached.
  await cache.addAll([...new Set(files)].filter((file) => !known.includes(file)));
  await cache.put(PAGE, page);
  // What the page loads later lies beside the files it names.
  const current = files.map((file) => file.slice(0, file.lastIndexOf("/") + 1));
  const old = known.filter((path) =>
    path !== PAGE.pathname && !current.some((folder) => path.startsWith(folder))
  );
  await Promise.all(old.map((path) => cache.delete(path)));
}

/** A file that the page loads when it needs it: without a network it may need it again. */
async function fetchFile(request: Request): Promise<Response> {
  const response = await fetch(request);
  if (!response.ok) return response;
  const copy = response.clone();
  // best effort: it is there without a cache, too
  caches.open(CACHE).then((cache) => cache.put(request, copy)).catch(() => {});
  return response;
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
