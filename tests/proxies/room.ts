import { assert, assertEquals, assertMatch } from "@std/assert";

/** A room as a client sees it, behind a proxy. */
export class Room {
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

  /** Each way in; fails where one does not do what it does without a proxy. */
  async tryAll(): Promise<void> {
    await this.tryPage();
    const token = await this.trySession();
    await this.tryPost(token);
    await this.tryFile(token);
    for (const stream of ["events", "stream"]) await this.tryStream(stream);
    await this.tryPoll();
    await this.tryWebSocket(token);
    await this.tryAddress();
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

  async trySession(): Promise<string> {
    const path = new URL(this.#url).pathname;
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
