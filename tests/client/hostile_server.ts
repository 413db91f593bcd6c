import type { SaidFrame } from "../../lib/client/carrier.ts";
import type { RoomEvent } from "../../lib/model/events.ts";
import type { Entry } from "../../lib/model/message.ts";
import { Random } from "../faults/support/random.ts";
import { message } from "../support/fakes.ts";
import { welcome } from "./fakes.ts";

const EPOCH = "k3x";
/** Of a hundred openings, answers and messages so many go wrong. */
const WRONG = 35;

type Say = (...events: RoomEvent[]) => void;

/** One end of a connection that can be cut. */
interface Peer {
  readonly say: Say;
  /** Ends it; a WebSocket with this code. */
  readonly cut: (code?: number) => void;
}

/**
 * A room as it must not be: with a log that is right, and connections on which anything goes wrong
 * that a network, a proxy or a broken server can do. What went wrong is counted by name.
 */
export class HostileServer implements AsyncDisposable {
  readonly log: Entry[] = [];
  readonly faults = new Map<string, number>();
  readonly #random: Random;
  readonly #ids = new Map<string, number>();
  readonly #peers = new Map<Peer, number>();
  readonly #http: Deno.HttpServer<Deno.NetAddr>;
  readonly #tcp = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  readonly #conns = new Set<Deno.TcpConn>();
  readonly #serving: Promise<void>;
  readonly #stalled: PromiseWithResolvers<void>[] = [];

  constructor(seed: number) {
    this.#random = new Random(seed);
    this.#http = Deno.serve(
      { hostname: "127.0.0.1", port: 0, onListen() {} },
      (request) => this.#answer(request),
    );
    this.#serving = this.#accept();
  }

  url(via: string): string {
    const { port } = via === "tcp" ? this.#tcp.addr : this.#http.addr;
    return `${via === "tcp" ? "tcp" : "http"}://127.0.0.1:${port}`;
  }

  /** A message, or what else a frame says. */
  append(said: string | SaidFrame): number {
    const id = typeof said === "string" ? undefined : said.id;
    const known = id === undefined ? undefined : this.#ids.get(id);
    if (known !== undefined) return known;
    const seq = this.log.length + 1;
    this.log.push(typeof said === "string" ? message(seq, { text: said }) : entryOf(seq, said));
    if (id !== undefined) this.#ids.set(id, seq);
    for (const [peer, sent] of this.#peers) this.#bring(peer, sent);
    return seq;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { resolve } of this.#stalled) resolve();
    for (const peer of this.#peers.keys()) peer.cut();
    this.#tcp.close();
    for (const conn of this.#conns) closed(conn);
    await this.#serving;
    await this.#http.shutdown();
  }

  #goesWrong<T extends string>(...faults: T[]): T | undefined {
    if (!this.#random.percent(WRONG)) return undefined;
    const fault = this.#random.pick(faults);
    this.faults.set(fault, (this.faults.get(fault) ?? 0) + 1);
    return fault;
  }

  /** Welcomes a connection, as it should or otherwise, and brings it what is there. */
  #open(peer: Peer, since: string | null | undefined): void {
    const after = since ? Number(since.split("-").at(-1)) : Math.max(0, this.log.length - 50);
    const first = { name: "ann", token: "t", resumed: Boolean(since), last: this.log.length };
    const fault = this.#goesWrong(
      "says nothing",
      "cuts at once",
      "goes on in another log",
      "goes on elsewhere without a word",
      "begins too early",
      "begins too late",
      "forgets the end",
    );
    switch (fault) {
      case "says nothing":
        return;
      case "cuts at once":
        return peer.cut();
      case "goes on in another log":
        return peer.say(welcome({ ...first, epoch: "other", resumed: true }), message(after + 1));
      case "goes on elsewhere without a word":
        return peer.say(welcome({ ...first, resumed: false }), message(after + 7));
    }
    peer.say(welcome(first));
    const shift = fault === "begins too early" ? -3 : fault === "begins too late" ? 1 : 0;
    const from = Math.max(0, after + shift);
    const end = fault === "forgets the end" ? this.log.length - 1 : this.log.length;
    peer.say(...this.log.slice(from, end), { type: "live", seq: this.log.length });
    this.#peers.set(peer, this.log.length);
  }

  #bring(peer: Peer, sent: number): void {
    const fault = this.#goesWrong("repeats", "skips", "cuts", "cuts for flooding", "says bye");
    if (fault === "cuts") return peer.cut();
    if (fault === "cuts for flooding") return peer.cut(4029);
    if (fault === "says bye") {
      peer.say({ type: "bye", reconnect_ms: 100 });
      return peer.cut(1012);
    }
    const from = fault === "repeats" ? sent - 2 : fault === "skips" ? sent + 1 : sent;
    peer.say(...this.log.slice(Math.max(0, from)));
    this.#peers.set(peer, this.log.length);
  }

  /** What becomes of a message; undefined where there is no answer. */
  #post(frame: SaidFrame): RoomEvent | undefined {
    const { id } = frame;
    const error = { type: "error", id, message: "not now" } as const;
    switch (this.#goesWrong("loses it", "forgets to answer", "limits the rate", "is unavailable")) {
      case "loses it":
        return undefined;
      case "forgets to answer":
        return void this.append(frame);
      case "limits the rate":
        return { ...error, code: "rate_limited", retry_after: 1 };
      case "is unavailable":
        return { ...error, code: "unavailable" };
    }
    const duplicate = this.#ids.has(id);
    return { type: "ack", id, seq: this.append(frame), duplicate };
  }

  async #answer(request: Request): Promise<Response> {
    const { pathname, searchParams } = new URL(request.url);
    const since = searchParams.get("since");
    switch (pathname) {
      case "/ws": {
        const { socket, response } = Deno.upgradeWebSocket(request);
        const peer = this.#peer(
          (events) => socket.readyState === 1 && socket.send(lines(events)),
          (code) => socket.close(code),
        );
        socket.onopen = () => this.#open(peer, since);
        socket.onmessage = ({ data }) => this.#frame(peer, data);
        socket.onclose = () => this.#peers.delete(peer);
        return response;
      }
      case "/events": {
        const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
        const writer = writable.getWriter();
        const peer = this.#peer(
          (events) => write(writer, events.map((e) => `data: ${JSON.stringify(e)}\n\n`).join("")),
          () => void writer.close().catch(() => {}),
        );
        writer.closed.catch(() => {}).finally(() => this.#peers.delete(peer));
        queueMicrotask(() => this.#open(peer, since));
        return new Response(readable, { headers: { "content-type": "text/event-stream" } });
      }
      case "/poll":
        return await this.#poll(since, searchParams.get("wait") ?? "0");
      case "/api/session":
        return Response.json({ name: "ann", token: "t" });
      case "/api/presence":
        return new Response("what?", { status: 502 });
    }
    if (pathname.startsWith("/api/messages")) {
      const frame = await frameOf(request, pathname);
      if (this.#goesWrong("answers as a proxy")) {
        return new Response("<h1>Bad Gateway", { status: 502 });
      }
      const event = this.#post(frame);
      if (!event) {
        await this.#stall();
        return new Response(null, { status: 500 });
      }
      if (event.type === "ack") {
        return Response.json({ seq: event.seq }, { status: event.duplicate ? 200 : 201 });
      }
      const headers = { "retry-after": "1" };
      return Response.json({ error: event }, { status: 429, headers });
    }
    return new Response(null, { status: 404 });
  }

  async #poll(since: string | null, wait: string): Promise<Response> {
    const after = since ? Number(since.split("-").at(-1)) : 0;
    if (wait !== "0" && after >= this.log.length) await new Promise((done) => setTimeout(done, 50));
    const shown = this.log.slice(after, after + 20);
    const cursor = `${EPOCH}-${after + shown.length}`;
    const more = after + shown.length < this.log.length && { more: true };
    const fault = this.#goesWrong("says nothing", "speaks of nothing", "loses one", "is elsewhere");
    switch (fault) {
      case "says nothing":
        await this.#stall();
        return new Response(null, { status: 500 });
      case "speaks of nothing":
        return new Response("{");
      case "loses one":
        return Response.json({ events: shown.slice(1), cursor, ...more });
      case "is elsewhere":
        return Response.json({ events: [], cursor: `other-${after}` });
    }
    return Response.json({ events: shown, cursor, ...more });
  }

  async #accept(): Promise<void> {
    for await (const conn of this.#tcp) {
      this.#conns.add(conn);
      this.#converse(conn).catch(() => {}).finally(() => closed(conn));
    }
  }

  async #converse(conn: Deno.TcpConn): Promise<void> {
    const writer = conn.writable.getWriter();
    const peer = this.#peer((events) => write(writer, lines(events) + "\n"), () => closed(conn));
    await writer.write(new TextEncoder().encode("* lobby, 3 online. Your name?\r\n"));
    let rest = "";
    for await (const chunk of conn.readable.pipeThrough(new TextDecoderStream())) {
      const frames = (rest + chunk).split("\n");
      rest = frames.pop()!;
      for (const frame of frames) this.#frame(peer, frame);
    }
    this.#peers.delete(peer);
  }

  #frame(peer: Peer, data: string): void {
    const frame = JSON.parse(data);
    if (frame.type === "hello") return this.#open(peer, frame.since);
    if (!SAID.includes(frame.type)) return;
    const answer = this.#post(frame);
    if (answer) peer.say(answer);
  }

  #peer(send: (events: RoomEvent[]) => unknown, end: (code?: number) => void): Peer {
    const peer: Peer = {
      say: (...events) => void send(events),
      cut: (code) => {
        this.#peers.delete(peer);
        end(code);
      },
    };
    return peer;
  }

  /** Until the end. */
  async #stall(): Promise<void> {
    const stalled = Promise.withResolvers<void>();
    this.#stalled.push(stalled);
    await stalled.promise;
  }
}

const SAID = ["message", "edit", "delete", "reaction"];

function entryOf(seq: number, frame: SaidFrame): Entry {
  const stored = { seq, at: seq, from: "ann", id: frame.id };
  switch (frame.type) {
    case "message":
      return message(seq, { text: frame.text, id: frame.id });
    case "reaction":
      return { ...frame, ...stored, count: frame.on ? 1 : 0, names: frame.on ? ["ann"] : [] };
    default:
      return { ...frame, ...stored };
  }
}

/** What a request says, as the frame that would say it. */
async function frameOf(request: Request, pathname: string): Promise<SaidFrame> {
  const [, , , ref, , emoji = ""] = pathname.split("/");
  const key = request.headers.get("idempotency-key");
  const body = key === null ? await request.json() : { id: key };
  if (ref === undefined) return { type: "message", ...body };
  const about = { ...body, ref: Number(ref) };
  if (request.method === "PATCH") return { type: "edit", ...about };
  if (emoji === "") return { type: "delete", ...about };
  const on = request.method === "PUT";
  return { type: "reaction", ...about, emoji: decodeURIComponent(emoji), on };
}

function lines(events: readonly RoomEvent[]): string {
  return events.map((event) => JSON.stringify(event)).join("\n");
}

function write(writer: WritableStreamDefaultWriter<Uint8Array>, text: string): void {
  writer.write(new TextEncoder().encode(text)).catch(() => {}); // the client may be gone
}

function closed(conn: Deno.TcpConn): void {
  try {
    conn.close();
  } catch {
    // it is closed
  }
}
