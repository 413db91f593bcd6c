import { assert, assertEquals, assertMatch, assertNotEquals, assertRejects } from "@std/assert";
import { StartupError } from "../../lib/base/startup_error.ts";
import { ALL_FEATURES } from "../../lib/model/features.ts";
import { Assets } from "../../lib/page/assets.ts";
import { perform } from "../../lib/page/jobs.ts";
import { Representation } from "../../lib/page/representation.ts";
import { compress, load, request } from "./folder.ts";

Deno.test("the bundled files are there, with their source maps, and what lies beside them", async () => {
  const assets = await load();
  const types = {
    "/app.js": "text/javascript; charset=utf-8",
    "/app.js.map": "application/json",
    "/early.js": "text/javascript; charset=utf-8",
    "/sw.js": "text/javascript; charset=utf-8",
    "/page.css": "text/css; charset=utf-8",
    "/page.css.map": "application/json",
    "/icon.svg": "image/svg+xml",
  };
  for (const [path, type] of Object.entries(types)) {
    const response = await assets.respond(request(path), path, compress);
    assertEquals([response?.status, response?.headers.get("content-type")], [200, type], path);
    const kept = await assets.respond(request(path), `/${assets.base}${path.slice(1)}`, compress);
    assertEquals(kept?.status, 200, path);
    await kept?.body?.cancel();
  }
  const list = await assets.respond(request("/"), "/files.json", compress);
  assertEquals(await list!.json(), ["early.js", "sw.js", "app.js", "page.css", "later.css"]);
  const script = await assets.respond(request("/"), "/app.js", compress);
  assertMatch(await script!.text(), /^console\.log\(1\);\n|^var \w=1;console\.log\(\w\);\n/);
});

Deno.test("sources, the template and what is not there are not served", async () => {
  const assets = await load({ "x/b.svg": "<svg/>", "notes.txt": "notes", "b.css": "q{}" });
  const names = ["index.html", "app.ts", "b.css", "x/b.svg", "notes.txt", "nothing.js", ""];
  const paths = [
    ...names.flatMap((name) => [`/${name}`, `/${assets.base}${name}`]),
    "/../assets.ts",
    "/%2e%2e/deno.json",
    "/__proto__",
  ];
  for (const path of paths) {
    assertEquals(await assets.respond(request(path), path, compress), undefined, path);
  }
  assertEquals(assets.template("en"), "<p>{{ room }}</p>");
});

Deno.test("an address with the version is kept for ever, and every edit makes another", async () => {
  const assets = await load();
  const cached = async (assets: Assets, path: string) =>
    (await assets.respond(request(path), path, compress))!.headers.get("cache-control");
  assertMatch((await cached(assets, `/${assets.base}app.js`))!, /immutable/);
  assertEquals(await cached(assets, "/app.js"), "no-cache");
  assertEquals((await load()).base, assets.base);
  for (const [name, text] of [["app.ts", "edited();"], ["page.css", "a{}"], ["icon.svg", ""]]) {
    const edited = await load({ [name!]: text! });
    assertNotEquals(edited.base, assets.base, name);
    // A page from before the edit gets today's file, but does not keep it.
    assertEquals(await cached(edited, `/${assets.base}app.js`), "no-cache");
  }
});

Deno.test("a page that cannot be bundled does not start", async () => {
  await assertRejects(() => load({ "app.ts": 'import "./c.ts";' }), StartupError, "c.ts");
  await assertRejects(
    () => load({}, () => Promise.reject(new Error("gone"))),
    StartupError,
    "gone",
  );
});

Deno.test("the project's own page is there after a few requests and 60 KB, a little more with gzip", async () => {
  const assets = await Assets.load(new URL("../../static/", import.meta.url));
  const entries = Array.from({ length: 50 }, (_, i) => ({
    type: "message" as const,
    seq: i + 1,
    at: 1000 * i * i,
    from: ["ann", "bob", "林小雨"][i % 3]!,
    text: `message ${i ** 5} has some words, and https://example.org/${i ** 7}`,
  }));
  const limits = { text: 4000, name: 32 };
  const html = perform({
    type: "render",
    template: assets.template("en"),
    screen: {
      room: "lobby",
      topic: "",
      epoch: "k",
      first: 1,
      last: 50,
      entries,
      limits,
      features: ALL_FEATURES,
    },
    options: { base: assets.base, language: "en", now: 0 },
  });
  const page = await Representation.of("text/html; charset=utf-8", html);
  const named = new TextDecoder().decode(html).matchAll(/ (?:href|src)="(_\/[^"]+)"/g)
    .map((match) => match[1]!).toArray();
  // Before anything of the page is shown; the rest is of the browser's own making.
  const names = named.map((path) => path.replace(assets.base, "").replace(/-\w{8}\./, "."));
  // Beside them is what app.js has in common with what is loaded later, in a few small files.
  assertEquals(names.filter((name) => !/icon|^chunk\./.test(name)), [
    "app.webmanifest",
    "page.css",
    "early.js",
    "app.js",
    // The texts of the reader's language, and of no other.
    "en.js",
  ]);
  assert(names.length < 12, names.join());
  for (const [coding, most] of [["br", 60_000], ["gzip", 68_000]] as const) {
    const asked = (path: string) => request(path, { "accept-encoding": coding });
    const responses = await Promise.all([
      page.respond(asked("/"), { cacheControl: "no-cache", compress }),
      ...named.map((path) => assets.respond(asked("/"), `/${path}`, compress)),
    ]);
    console.log(
      coding,
      responses.map((r, i) => `${["page", ...named][i]} ${r!.headers.get("content-length")}`),
    );
    const total = responses.map((response) => Number(response!.headers.get("content-length")))
      .reduce((sum, length) => sum + length);
    assert(total > 10_000 && total < most, `${total} bytes of ${coding}`);
  }
});
