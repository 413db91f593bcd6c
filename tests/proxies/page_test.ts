// The page in a browser where it does not lie at the root of plain HTTP.
import { assert, assertEquals } from "@std/assert";
import { browserTest, connected, sees, setHidden, type Stage, write } from "../browser/stage.ts";
import { pair } from "../support/certificates.ts";
import { documented, freePort, isInstalled, NGINX, Proxy } from "./proxy.ts";

/** Nobody has signed the certificates whom a browser knows. */
const TOLERANT = { ignoreHTTPSErrors: true } as const;

/** Everything that the page asks for, as a person makes it ask. */
async function use(stage: Stage, url: string, name: string): Promise<void> {
  const ann = await stage.join(url, name, TOLERANT);
  await ann.locator(`connection-chip[title*="WebSocket"]`).waitFor();
  await write(ann, `hello from ${name}`);
  await sees(ann, `hello from ${name}`);

  // The cookie comes back: the same person, and not the next free name.
  await ann.reload();
  await connected(ann);
  const self = ann.locator("people-panel .self", { hasText: name });
  await self.waitFor({ state: "attached" });
  assert(!(await self.textContent())?.includes(`${name}2`));
  const [cookie] = await ann.context().cookies(url);
  assertEquals([cookie?.path, cookie?.secure], [new URL(url).pathname, true]);

  // A search, and what is around a message that is not on the page yet.
  await ann.keyboard.press("Control+k");
  await ann.keyboard.type("first thing");
  await ann.getByText("1 result", { exact: true }).waitFor();
  await ann.keyboard.press("ArrowDown");
  await ann.keyboard.press("Enter");
  await ann.locator("chat-message.marked", { hasText: "the first thing said" }).waitFor();

  const { start_url, scope } = await ann.evaluate(async () => {
    const link = document.querySelector<HTMLLinkElement>("link[rel=manifest]")!;
    const manifest = await (await fetch(link.href)).json();
    const at = (path: string) => new URL(path, link.href).href;
    return { start_url: at(manifest.start_url), scope: at(manifest.scope) };
  });
  assertEquals([start_url, scope], [url, url]);
}

const LINES = ["the first thing said", ...Array.from({ length: 120 }, (_, i) => `line ${i + 1}`)];

browserTest("The page, with TLS or under a path", {
  "behind nginx it is the same under a path and at the root": async (stage) => {
    const { found, required } = isInstalled(NGINX);
    if (!found && !required) return; // the proxies' own test says that it is skipped
    const network = { proxies: ["loopback"] };
    const server = await stage.serve({ network, allowHosts: ["chat.example.org"] });
    await server.say("bob", ...LINES);
    const listen = freePort();
    await using _proxy = await Proxy.start(
      NGINX,
      listen,
      (folder) => documented(NGINX, { listen, server: Number(new URL(server.url).port), folder }),
    );
    await use(stage, `https://localhost:${listen}/chat/`, "ann");
    await use(stage, `https://localhost:${listen}/`, "bea");
  },

  "with TLS of its own, files come over HTTP/2 and events over WebSocket": async (stage) => {
    const server = await stage.serve({ network: { tls: pair("first") } });
    await server.say("bob", ...LINES);
    const url = server.url.replace("http://127.0.0.1", "https://localhost");
    await use(stage, url, "ann");
    const page = await stage.visit(url, TOLERANT);
    const protocols = await page.evaluate(() =>
      ["navigation", "resource"].flatMap((type) => performance.getEntriesByType(type))
        .map((entry) => (entry as PerformanceResourceTiming).nextHopProtocol)
    );
    assert(protocols.length > 4);
    assertEquals([...new Set(protocols)], ["h2"]);
  },

  "a service worker keeps a page under a path, and nothing of what lies beside it": async (
    stage,
  ) => {
    const server = await stage.serve({ network: { basePath: "/chat/" } });
    await server.say("bob", "kept for later");
    const url = `${server.url}chat/`;
    const ann = await stage.join(url, "ann", { serviceWorkers: "allow" });
    await ann.waitForFunction(() => navigator.serviceWorker.controller !== null);
    const scope = await ann.evaluate(async () => (await navigator.serviceWorker.ready).scope);
    assertEquals(scope, url);
    await setHidden(ann, true);
    await ann.waitForFunction(async (url) => {
      const page = await (await caches.open("partyline/chat/")).match(url);
      return (await page?.text())?.includes("kept for later");
    }, url);
    await server.close();
    await ann.reload();
    await sees(ann, "kept for later");
    const keys = await ann.evaluate(() => Object.keys(localStorage));
    assert(keys.length > 0 && keys.every((key) => key.endsWith(" /chat/")), `${keys}`);
    await server.open();
    await connected(ann);
  },
});
