// The configurations of lib/PROXIES.md: every way in, through each of them.
import { assert, assertEquals, assertMatch } from "@std/assert";
import { join } from "../../lib/client/mod.ts";
import { CA } from "../support/certificates.ts";
import { ManualClock, settle } from "../support/manual_clock.ts";
import { type TestOptions, TestServer } from "../support/server.ts";
import { documented, freePort, KINDS, NGINX, Proxy, proxyTest } from "./proxy.ts";

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
        const room = new Room(`https://localhost:${port}${path}`, client);
        await room.tryPage();
        const token = await room.trySession(path);
        await room.tryPost(token);
        await room.tryFile(token);
        for (const stream of ["events", "stream"]) await room.tryStream(stream);
        await room.tryPoll();
        await room.tryWebSocket(token);
        await room.tryAddress();
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

/** A room as a client sees it. */
class Room {
  readonly #url: string;
  readonly #client: Deno.HttpClient;

  constructor(url: string, client: Deno.HttpClient) {
    this.#url = url;
    this.#client = client;
  }

  async #fetch(path: string, init: RequestInit = {}): Promise<Response> {
    const signal = AbortSignal.timeout(10_000);
    return await fetch(this.#url + path, { signal, ...init, client: this.#client } as RequestInit);
  }

  /** More than proxies usually let through, and back in parts. */
  async tryFile(token: string): Promise<void> {
    const bytes = new Uint8Array(3_000_000).map((_, i) => i % 251);
    const uploaded = await this.#fetch("api/files?name=a.bin", {
      method: "POST",
      body: bytes,
      headers: { authorization: `Bearer ${token}` },
    });
    const { file } = await uploaded.json();
    const part = await this.#fetch(`files/${file.id}/a.bin`, {
      headers: { range: "bytes=1000000-1999999" },
    });
    assertEquals([uploaded.status, part.status], [201, 206]);
    assertEquals(new Uint8Array(await part.arrayBuffer()), bytes.slice(1_000_000, 2_000_000));
  }

  async tryPage(): Promise<void> {
    const page = await (await this.#fetch("")).text();
    const files = [...page.matchAll(/ (?:href|src)="([^"#]+)"/g)].map(([, file]) => file!);
    assert(files.length > 5);
    for (const file of files) {
      const response = await this.#fetch(file);
      assertEquals(response.status, 200, file);
      await response.body?.cancel();
    }
  }

  async trySession(path: string): Promise<string> {
    const response = await this.#fetch("api/session", { method: "POST", body: "ann" });
    const cookie = response.headers.get("set-cookie") ?? "";
    assertMatch(cookie, new RegExp(`; Path=${path};.*; Secure$`));
    return (await response.json()).token;
  }

  async tryPost(token: string): Promise<void> {
    const headers = { "authorization": `Bearer ${token}`, "origin": new URL(this.#url).origin };
    const response = await this.#fetch("api/messages", { method: "POST", body: "hi", headers });
    assertEquals(response.status, 201);
    await response.body?.cancel();
  }

  /** What is said while the stream is open comes through at once. */
  async tryStream(path: string): Promise<void> {
    const over = new AbortController();
    const response = await this.#fetch(`${path}?recent=0`, { signal: over.signal });
    const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
    let text = "";
    const until = async (what: string) => {
      while (!text.includes(what)) {
        const { value, done } = await reader.read();
        assert(!done, `${path} ended before ${what}`);
        text += value;
      }
    };
    await until('"type":"live"');
    await this.#fetch("api/messages", { method: "POST", body: `for ${path}` })
      .then((posted) => posted.body?.cancel());
    await until(`for ${path}`);
    over.abort();
    await reader.cancel().catch(() => {});
  }

  async tryPoll(): Promise<void> {
    const now = await (await this.#fetch("poll?wait=0&recent=0")).json();
    const waiting = this.#fetch(`poll?since=${now.cursor}&wait=20`);
    await this.#fetch("api/messages", { method: "POST", body: "for poll" })
      .then((posted) => posted.body?.cancel());
    assertEquals((await (await waiting).json()).events[0].text, "for poll");
  }

  async tryWebSocket(token: string): Promise<void> {
    const socket = new WebSocket(
      `${this.#url.replace("http", "ws")}ws?recent=0`,
      {
        protocols: ["partyline.v1", `partyline.token.${token}`],
        headers: { origin: new URL(this.#url).origin },
        client: this.#client,
      } as never,
    );
    let heard = "";
    const acked = new Promise<void>((resolve, reject) => {
      socket.onmessage = ({ data }) => {
        heard += data;
        if (heard.includes('"type":"ack"')) resolve();
      };
      socket.onerror = (event) => reject(new Error((event as ErrorEvent).message));
      socket.onopen = () => socket.send("over a socket");
    });
    await acked;
    assertMatch(heard, /"type":"welcome".*"name":"ann"/);
    const closed = new Promise((resolve) => socket.onclose = resolve);
    socket.close();
    await closed;
  }

  /** The client's own address, whatever it says that it has. */
  async tryAddress(): Promise<void> {
    const headers = { "x-forwarded-for": "192.0.2.99", "forwarded": "for=192.0.2.99" };
    assertMatch(await (await this.#fetch("ping", { headers })).text(), /^pong 127\.0\.0\.1:/);
  }
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
      return text.replace(" ssl http2", "").replaceAll(/^ *ssl_.*$/gm, "");
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
