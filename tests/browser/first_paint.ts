// How soon somebody who comes for the first time sees the newest messages, and what that takes:
//
//     deno run --allow-all tests/browser/first_paint.ts [VISITS] [--tls] [--delay MS]
//
// With --tls over HTTP/2 instead of HTTP/1.1; with --delay each way takes so long.
import { parseArgs } from "@std/cli/parse-args";
import type { Browser } from "playwright-core";
import { CA, pair } from "../support/certificates.ts";
import { FREE_PORTS, ServerProcess } from "../support/server.ts";
import { TALK } from "./screenshots.ts";
import { launch } from "./stage.ts";

/** As many as the page shows at first. */
const MESSAGES = 50;
/** A fresh context is a new window of the browser: its own start is not to be measured. */
const SETTLE_MS = 1000;

interface Visit {
  readonly paintMs: number;
  /** What was asked for, the page itself first. */
  readonly urls: readonly string[];
  readonly messages: number;
}

async function visit(browser: Browser, url: string): Promise<Visit> {
  const context = await browser.newContext({ ignoreHTTPSErrors: true });
  try {
    const page = await context.newPage();
    await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
    await page.goto(url);
    await page.locator("connection-chip[data-state=connected]").waitFor();
    const paint = await page.waitForFunction(() =>
      performance.getEntriesByName("first-contentful-paint")[0]?.startTime
    );
    return {
      paintMs: await paint.jsonValue() ?? NaN,
      urls: await page.evaluate(() =>
        ["navigation", "resource"].flatMap((type) => performance.getEntriesByType(type))
          .map(({ name }) => name)
      ),
      messages: await page.locator("chat-message").count(),
    };
  } finally {
    await context.close();
  }
}

/** Knows who has signed the certificates of the tests. */
const client = Deno.createHttpClient({ caCerts: [CA] });

/** Where the same is reached, with every byte so many milliseconds later, in both directions. */
function delayed(port: number, ms: number): Deno.NetAddr {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  (async () => {
    for await (const near of listener) {
      const far = await Deno.connect({ hostname: "127.0.0.1", port });
      for (const conn of [near, far]) conn.setNoDelay(true);
      for (const [from, to] of [[near, far], [far, near]] as const) {
        from.readable.pipeThrough(late(ms)).pipeTo(to.writable).catch(() => {}); // the peer has gone
      }
    }
  })();
  return listener.addr;
}

/** Hands on what comes after a time, and goes on to take more meanwhile. */
function late(ms: number): TransformStream<Uint8Array, Uint8Array> {
  let last = Promise.resolve();
  return new TransformStream({
    transform(chunk, controller) {
      const due = new Promise<void>((resolve) => setTimeout(resolve, ms));
      last = last.then(() => due).then(() => controller.enqueue(chunk));
      last.catch(() => {}); // the stream was cancelled
    },
    flush: () => last,
  });
}

async function talk(url: string): Promise<void> {
  for (let i = 0; i < MESSAGES; i++) {
    const [name, text] = TALK[i % TALK.length]!;
    const body = JSON.stringify({ name, text, id: crypto.randomUUID() });
    const headers = { "content-type": "application/json" };
    const response = await fetch(`${url}/api/messages`, {
      method: "POST",
      headers,
      body,
      client,
    } as RequestInit);
    if (!response.ok) throw new Error(`Cannot post: ${await response.text()}`);
    await response.body?.cancel();
  }
}

/** Bytes of all their bodies. */
async function size(urls: readonly string[], encoding: string): Promise<number> {
  const lengths = urls.map(async (url) => {
    const headers = { "accept-encoding": encoding };
    const response = await fetch(url, { method: "HEAD", headers, client } as RequestInit);
    return Number(response.headers.get("content-length"));
  });
  return (await Promise.all(lengths)).reduce((sum, length) => sum + length, 0);
}

if (import.meta.main) {
  const { _: [typed = 12], tls, delay } = parseArgs(Deno.args, {
    boolean: ["tls"],
    string: ["delay"],
  });
  const visits = Number(typed);
  if (!Number.isSafeInteger(visits) || visits < 1) {
    console.error("wanted how many VISITS to measure, 1 or more");
    Deno.exit(2);
  }
  const data = await Deno.makeTempDir({ prefix: "partyline-" });
  const browser = await launch();
  try {
    await using server = new ServerProcess([
      "--data",
      data,
      "--rate-limit",
      "off",
      "--no-limits",
      ...(tls ? ["--tls-cert", pair("first").cert, "--tls-key", pair("first").key] : []),
      ...FREE_PORTS,
    ]);
    const [, scheme, port] = await server.stdout.until(/^(https?):\/\/\S+:(\d+)\/$/m);
    await talk(`${scheme}://localhost:${port}`);
    const reached = delay === undefined ? port : delayed(Number(port), Number(delay)).port;
    const url = `${scheme}://localhost:${reached}`;
    // The first one finds everything cold, the browser too.
    const { urls, messages } = await visit(browser, url);
    const times: number[] = [];
    for (let i = 0; i < visits; i++) times.push(Math.round((await visit(browser, url)).paintMs));
    const files = urls.filter((asked) => asked === `${url}/` || asked.includes("/_/"));
    const median = times.toSorted((a, b) => a - b)[visits >> 1];
    console.log(
      `first paint, ms: median ${median}, most ${Math.max(...times)} (${times.join(" ")})`,
    );
    console.log(`messages in it:  ${messages}`);
    console.log(`files asked for: ${files.length}, and ${urls.length - files.length} requests`);
    for (const encoding of ["br", "gzip"]) {
      console.log(`bytes, ${encoding}:`.padEnd(17) + (await size(files, encoding)));
    }
  } finally {
    await browser.close();
    await Deno.remove(data, { recursive: true });
  }
}
