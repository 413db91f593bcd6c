// Several nodes on the same ports of one machine.
import { assert, assertEquals } from "@std/assert";
import type { CertificateFiles } from "../../lib/base/net/tls/certificate.ts";
import { CA, pair } from "../support/certificates.ts";
import { NatsServer, natsTest } from "../support/nats.ts";
import { type TestOptions, TestServer } from "../support/server.ts";
import { tempDir } from "../support/temp_dir.ts";

/** So many that a node without any would be a wonder: one in 2^39. */
const CONNECTIONS = 40;

for (const [how, tls] of [["plainly", undefined], ["over TLS", pair("first")]] as const) {
  natsTest(`two nodes on one port ${how} share the connections, and are one room`, async () => {
    await using nats = await NatsServer.start();
    await using dirs = await tempDir();
    const cluster = { ...nats.options, stream: "lobby", replicas: 1 };
    const options: TestOptions = { cluster, network: { reusePort: true, ...tls && { tls } } };
    await using a = await TestServer.open({ ...options, data: `${dirs.path}/a` });
    const [port, tcpPort] = [a.httpPort, a.tcpPort];
    await using b = await TestServer.open({ ...options, data: `${dirs.path}/b`, port, tcpPort });
    assertEquals([b.httpPort, b.tcpPort], [port, tcpPort]);

    const people = await Promise.all(
      Array.from(
        { length: CONNECTIONS },
        (_, i) => Talker.come(tcpPort, { name: `ann-${i}`, tls }),
      ),
    );
    const counts = [a, b].map(({ running }) => running.room.visits.all.length);
    assertEquals(counts[0]! + counts[1]!, CONNECTIONS);
    assert(counts.every((count) => count > 0), `${counts}`);

    await people[0]!.say("hello everybody");
    await Promise.all(people.map((person) => person.until("hello everybody")));
    for (const person of people) person[Symbol.dispose]();

    const client = Deno.createHttpClient({ caCerts: [CA] });
    const url = `${tls ? "https" : "http"}://localhost:${port}`;
    const ping = await fetch(`${url}/ping`, { client } as RequestInit);
    assert((await ping.text()).startsWith("pong"));
    client.close();
  });
}

/** Somebody in the TCP room. */
class Talker implements Disposable {
  readonly #conn: Deno.Conn;
  readonly #lines: ReadableStreamDefaultReader<string>;
  #heard = "";

  private constructor(conn: Deno.Conn) {
    this.#conn = conn;
    this.#lines = conn.readable.pipeThrough(new TextDecoderStream()).getReader();
  }

  static async come(
    port: number,
    { name, tls }: { readonly name: string; readonly tls: CertificateFiles | undefined },
  ): Promise<Talker> {
    const conn = tls
      ? await Deno.connectTls({ hostname: "localhost", port, caCerts: [CA] })
      : await Deno.connect({ hostname: "127.0.0.1", port });
    const talker = new Talker(conn);
    await talker.say(name);
    await talker.until(`hello ${name}`);
    return talker;
  }

  async say(line: string): Promise<void> {
    await this.#conn.write(new TextEncoder().encode(`${line}\n`));
  }

  async until(what: string): Promise<void> {
    while (!this.#heard.includes(what)) {
      const { value, done } = await this.#lines.read();
      if (done) throw new Error(`ended before "${what}": ${this.#heard}`);
      this.#heard += value;
    }
  }

  [Symbol.dispose](): void {
    this.#conn.close();
  }
}
