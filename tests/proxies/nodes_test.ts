// The configurations of lib/PROXIES.md for several nodes: every way in, through any of them.
import { assert, assertEquals } from "@std/assert";
import { type Client, join } from "../../lib/client/mod.ts";
import { CA } from "../support/certificates.ts";
import { natsHere, NatsServer } from "../support/nats.ts";
import { TestServer } from "../support/server.ts";
import { tempDir } from "../support/temp_dir.ts";
import {
  documentedNodes,
  freePort,
  HAPROXY,
  NGINX,
  Proxy,
  proxyTest,
  withoutTls,
} from "./proxy.ts";
import { Room } from "./room.ts";

/** As many as the document has. */
const NODES = ["one", "two", "three"];

for (const kind of [NGINX, HAPROXY]) {
  proxyTest(kind, `${kind.name}: three nodes are one room, and one of them may go`, async () => {
    const { found, required } = natsHere();
    if (!found && !required) return; // the tests of NATS say that they are skipped
    await using nats = await NatsServer.start();
    await using dirs = await tempDir();
    await using owned = new AsyncDisposableStack();
    const nodes = [];
    for (const name of NODES) {
      nodes.push(owned.use(
        await TestServer.open({
          data: `${dirs.path}/${name}`,
          cluster: { ...nats.options, stream: "lobby", replicas: 1 },
          network: { proxies: ["loopback"] },
          allowHosts: ["chat.example.org"],
          drainMs: 1000,
        }),
      ));
    }
    const port = freePort();
    const servers = nodes.map(({ httpPort }) => httpPort);
    const configure = (listen: number, folder: string) =>
      documentedNodes(kind, { listen, servers, folder });
    await using _proxy = await Proxy.start(kind, port, (folder) => configure(port, folder));
    const httpClient = Deno.createHttpClient({ caCerts: [CA] });
    try {
      for (const path of ["/", "/chat/"]) {
        await new Room(`https://localhost:${port}${path}`, httpClient).tryAll();
      }
      const asked = nodes.map(({ running }) => running.limits.counts.requests);
      assert(asked.every((count) => count > 5), `${asked}`);
    } finally {
      httpClient.close();
    }
    const plainPort = freePort();
    await using _plain = await Proxy.start(
      kind,
      plainPort,
      async (folder) => withoutTls(await configure(plainPort, folder)),
    );
    await oneGoes(`http://127.0.0.1:${plainPort}`, nodes);
  });
}

/** A node ends while people are there: they go on at the others, and miss nothing. */
async function oneGoes(url: string, nodes: readonly TestServer[]): Promise<void> {
  const people = Array.from({ length: 6 }, (_, i) => new Listener(url, `ann-${i}`));
  await Promise.all(people.map((person) => person.connected));
  await people[0]!.client.say("before");
  await Promise.all(people.map((person) => person.until("before")));
  const visits = nodes.map(({ running }) => running.room.visits.all.length);
  assertEquals(visits.reduce((sum, count) => sum + count), people.length);
  assert(visits.every((count) => count > 0), `${visits}`);
  const [first] = nodes;
  await first![Symbol.asyncDispose]();
  for (const { client } of people) await client.say("after");
  await Promise.all(people.map((person) => person.until(...Array(people.length).fill("after"))));
  for (const { heard } of people) assertEquals(heard, ["before", ...people.map(() => "after")]);
  await Promise.all(people.map(({ client }) => client.leave()));
}

/** Somebody with a WebSocket, and what they have heard. */
class Listener {
  readonly client: Client;
  readonly heard: string[] = [];
  readonly connected: Promise<void>;
  #wake = () => {};

  constructor(url: string, name: string) {
    this.client = join(url, { name, recent: 0 });
    const connected = Promise.withResolvers<void>();
    this.connected = connected.promise;
    void this.#listen(connected.resolve);
  }

  /** Until it has heard as many of each as are given. */
  async until(...texts: string[]): Promise<void> {
    const count = (text: string) => this.heard.filter((heard) => heard === text).length;
    const wanted = texts.filter((text) => text === texts[0]).length;
    while (count(texts[0]!) < wanted) await new Promise<void>((resolve) => this.#wake = resolve);
  }

  async #listen(connected: () => void): Promise<void> {
    for await (const event of this.client) {
      if (event.type === "connection" && event.state.type === "connected") connected();
      if (event.type !== "message") continue;
      this.heard.push(event.text);
      this.#wake();
    }
  }
}
