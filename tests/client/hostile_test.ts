// The client against servers and networks that do all they should not.
import { assert, assertEquals } from "@std/assert";
import { type Clock, systemClock } from "../../lib/base/clock.ts";
import {
  type Client,
  isChange,
  join,
  type JoinOptions,
  Messages,
  overTcp,
  Refusal,
  type Transport,
} from "../../lib/client/mod.ts";
import { Random } from "../faults/support/random.ts";
import { TestServer } from "../support/server.ts";
import { HostileServer } from "./hostile_server.ts";
import { changedBy } from "../../lib/model/change.ts";
import { textOf } from "../../lib/model/message.ts";

/**
 * Whatever is waited for comes so many times sooner; what is measured stays. Not so much sooner that a
 * busy machine finds each answer late.
 */
const FASTER = 30;
const hasty: Clock = {
  ...systemClock,
  now: () => FASTER * systemClock.now(),
  monotonic: () => FASTER * systemClock.monotonic(),
  after: (ms, action) => systemClock.after(ms / FASTER, action),
};

const MESSAGES = 12;

function joinOver(via: Transport, url: string, options: JoinOptions = {}): Client {
  return join(url, {
    transports: [via],
    tcp: overTcp((address) => Deno.connect(address)),
    clock: hasty,
    ...options,
  });
}

/** Reads until so many entries have come. */
async function read(client: Client, count: number): Promise<string[]> {
  const texts: string[] = [];
  for await (const event of client) {
    if (event.type === "message") texts.push(event.text);
    if (texts.length >= count) return texts;
  }
  throw new Error(`it ended after ${texts.length}`);
}

/** Shows what comes, up to a text. */
async function showUntil(client: Client, text: string, messages: Messages): Promise<void> {
  for await (const event of client) {
    if (event.type === "message") messages.add([event]);
    else if (isChange(event)) messages.change(event);
    if (event.type === "message" && event.text === text) return;
  }
  throw new Error(`it ended before ${text}`);
}

for (const via of ["websocket", "sse", "poll", "tcp"] as const) {
  Deno.test(`${via}: whatever the server does, each entry comes once and each message is stored once`, async () => {
    const faults = new Set<string>();
    await Promise.all([1, 2, 3].map(async (seed) => {
      await using server = new HostileServer(seed);
      for (let i = 1; i <= 5; i++) server.append(`before ${i}`);
      await using client = joinOver(via, server.url(via), { since: "k3x-0", name: "ann" });
      const said = Array.from({ length: MESSAGES }, (_, i) => client.say(`said ${i + 1}`));
      const receipts = Promise.all(said);
      const texts = await read(client, 5 + MESSAGES);
      const seqs = (await receipts).map(({ seq }) => seq);
      assertEquals(seqs, seqs.map((_, i) => i + 6), `seed ${seed}`);
      assertEquals(texts, server.log.map(textOf), `seed ${seed}`);
      assertEquals(server.log.length, 5 + MESSAGES);
      for (const fault of server.faults.keys()) faults.add(fault);
    }));
    assert(faults.size >= 7, `it was not hostile: ${[...faults]}`);
  });

  Deno.test(`${via}: whatever the server does, each change is stored once, and all is shown as it is`, async () => {
    await Promise.all([11, 12].map(async (seed) => {
      await using server = new HostileServer(seed);
      for (let i = 1; i <= 3; i++) server.append(`before ${i}`);
      await using client = joinOver(via, server.url(via), { since: "k3x-0", name: "ann" });
      await client.say("said", { id: "said" });
      const changes = [
        client.edit("said", "edited"),
        client.react(1, "👍"),
        client.react("said", "🎉"),
        client.edit(2, "edited too"),
        client.react(1, "👍", false),
        client.remove(3),
        client.edit("said", "edited again"),
        client.say("an answer", { re: "said" }),
      ];
      const messages = new Messages();
      const shown = showUntil(client, "the last", messages);
      shown.catch(() => {}); // it is awaited below
      const outcomes = await Promise.allSettled(changes);
      // What was sent three times without an answer may be stored or not; all else is, and once.
      for (const outcome of outcomes) {
        if (outcome.status === "fulfilled") continue;
        assert(outcome.reason instanceof Refusal && outcome.reason.code === "unavailable");
      }
      const ids = server.log.flatMap(({ id }) => id ?? []);
      assertEquals(new Set(ids).size, ids.length, `seed ${seed}`);
      const stored = outcomes.flatMap((one) => one.status === "fulfilled" ? one.value!.seq : []);
      assertEquals(
        stored,
        stored.toSorted((a, b) => a - b),
        "in the order in which they were said",
      );
      server.append("the last");
      await shown;
      const now = server.log.map((entry) => server.log.filter(isChange).reduce(changedBy, entry));
      for (const entry of now) {
        if (entry.type === "message") assertEquals(messages.get(entry.seq), entry, `seed ${seed}`);
      }
    }));
  });

  Deno.test(`${via}: a network that cuts anywhere loses nothing and doubles nothing`, async () => {
    await using server = await TestServer.open();
    await using proxy = new CuttingProxy(via === "tcp" ? server.tcpPort : server.httpPort, 7);
    await using bob = join(server.url, { name: "bob" });
    const scheme = via === "tcp" ? "tcp" : "http";
    await using client = joinOver(via, `${scheme}://127.0.0.1:${proxy.port}`, { since: "0" });
    const said = Array.from({ length: MESSAGES }, (_, i) => client.say(`ann ${i + 1}`));
    const theirs = Array.from({ length: 100 }, (_, i) => bob.say(`bob ${i + 1}`));
    const texts = await read(client, 100 + MESSAGES);
    await Promise.all([...said, ...theirs]);
    const stored = await server.running.room.log.read({ after: 0, limit: 200 });
    assertEquals(texts, stored.map(textOf));
    const own = texts.filter((text) => text.startsWith("ann"));
    assertEquals(own, said.map((_, i) => `ann ${i + 1}`));
    assert(proxy.cuts > 2, `${proxy.cuts} cuts`);
  });
}

/** Carries bytes between a client and a port, and cuts each connection after so many, more each time. */
class CuttingProxy implements AsyncDisposable {
  cuts = 0;
  readonly #listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  readonly #target: number;
  readonly #random: Random;
  readonly #conns = new Set<Deno.TcpConn>();
  readonly #running: Promise<void>;
  #most = 1000;

  constructor(target: number, seed: number) {
    this.#target = target;
    this.#random = new Random(seed);
    this.#running = this.#run();
  }

  get port(): number {
    return this.#listener.addr.port;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#listener.close();
    this.#end(...this.#conns);
    await this.#running;
  }

  async #run(): Promise<void> {
    const carrying: Promise<void>[] = [];
    for await (const conn of this.#listener) carrying.push(this.#carry(conn));
    await Promise.all(carrying);
  }

  async #carry(conn: Deno.TcpConn): Promise<void> {
    this.#conns.add(conn);
    const server = await Deno.connect({ hostname: "127.0.0.1", port: this.#target });
    this.#conns.add(server);
    let left = this.#random.between(0, this.#most);
    this.#most *= 1.3;
    const copy = async (from: Deno.TcpConn, to: Deno.TcpConn) => {
      const buffer = new Uint8Array(512);
      for (;;) {
        const count = await from.read(buffer).catch(() => null);
        if (count === null) break;
        const bytes = buffer.subarray(0, Math.min(count, left));
        left -= bytes.length;
        await to.write(bytes).catch(() => {});
        if (left > 0) continue;
        this.cuts++;
        break;
      }
      this.#end(conn, server);
    };
    await Promise.all([copy(conn, server), copy(server, conn)]);
  }

  #end(...conns: Deno.TcpConn[]): void {
    for (const conn of conns) {
      if (this.#conns.delete(conn)) conn.close();
    }
  }
}
