// The configurations of lib/PROXIES.md: every way in, through each of them.
import { assertEquals, assertMatch } from "@std/assert";
import { join } from "../../lib/client/mod.ts";
import { CA } from "../support/certificates.ts";
import { ManualClock, settle } from "../support/manual_clock.ts";
import { type TestOptions, TestServer } from "../support/server.ts";
import { Room } from "./room.ts";
import { documented, freePort, KINDS, NGINX, Proxy, proxyTest, withoutTls } from "./proxy.ts";

const BEHIND = {
  network: { proxies: ["loopback"] },
  allowHosts: ["chat.example.org"],
} satisfies TestOptions;

for (const kind of KINDS) {
  proxyTest(kind, `${kind.name}: every way in works, at the root and under a path`, async () => {
    await using server = await TestServer.open(BEHIND);
    const port = freePort();
    await using _proxy = await Proxy.start(
      kind,
      port,
      (folder) => documented(kind, { listen: port, server: server.httpPort, folder }),
    );
    const client = Deno.createHttpClient({ caCerts: [CA] });
    try {
      for (const path of ["/", "/chat/"]) {
        await new Room(`https://localhost:${port}${path}`, client).tryAll();
      }
      const scheme = `https://localhost:${port}`;
      const foreign = await fetch(`${scheme}/chat/api/messages`, {
        method: "POST",
        body: "x",
        headers: { origin: `https://localhost:${port + 1}` },
        client,
      } as RequestInit);
      assertEquals([foreign.status, (await foreign.json()).error.code], [403, "forbidden"]);
    } finally {
      client.close();
    }
  });
}

/** An nginx as it is without being told anything, in front of another. */
function plain(listen: number, to: number, more = ""): string {
  return `server { listen 127.0.0.1:${listen}; location / {
    proxy_pass http://127.0.0.1:${to}; proxy_set_header Host $http_host;
    ${more}
  } }`;
}

proxyTest(
  NGINX,
  "two hops: an outer nginx that gathers is told not to by the inner one",
  async () => {
    await using server = await TestServer.open(BEHIND);
    const [inner, outer] = [freePort(), freePort()];
    await using _inner = await Proxy.start(NGINX, inner, async (folder) => {
      const text = await documented(NGINX, { listen: inner, server: server.httpPort, folder });
      return withoutTls(text);
    });
    await using _outer = await Proxy.start(NGINX, outer, () => plain(outer, inner));
    const response = await fetch(`http://127.0.0.1:${outer}/events`, {
      signal: AbortSignal.timeout(10_000),
    });
    const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
    let text = "";
    while (!text.includes('"type":"live"')) text += (await reader.read()).value;
    await reader.cancel();
  },
);

proxyTest(
  NGINX,
  "a proxy that gathers a stream: the client polls, and the operator is told",
  async () => {
    const reports: string[] = [];
    await using server = await TestServer.open({ ...BEHIND, report: (what) => reports.push(what) });
    const port = freePort();
    await using _proxy = await Proxy.start(
      NGINX,
      port,
      () => plain(port, server.httpPort, "proxy_ignore_headers X-Accel-Buffering;"),
    );
    const clock = new ManualClock();
    const client = join(`http://127.0.0.1:${port}`, { name: "ann", clock, random: () => 0 });
    // The upgrade is not passed on; then the stream is opened, and nothing of it comes.
    const { people } = server.running.room;
    while (!people.taken("ann")) await settle();
    clock.advance(10_000);
    for await (const event of client) {
      if (event.type !== "connection" || event.state.type !== "connected") continue;
      assertEquals(event.state.via, "poll");
      break;
    }
    assertEquals(reports.length, 1);
    assertMatch(reports[0]!, /^a client at 127\.0\.0\.1 gave up sse, which stayed silent/);
    await client.leave();
  },
);
