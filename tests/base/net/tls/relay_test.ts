// TLS of our own: everything that there is without it, and certificates that are renewed beside it.
import { assert, assertEquals, assertRejects } from "@std/assert";
import { X509Certificate } from "node:crypto";
import { connect, type TLSSocket } from "node:tls";
import { NO_LIMITS } from "../../../../lib/limits/mod.ts";
import { loadPage, startServer } from "../../../../lib/server.ts";
import { StartupError } from "../../../../lib/base/startup_error.ts";
import { dial } from "../../../../lib/base/net/dial.ts";
import { type Client, join, overTcp, type Transport } from "../../../../lib/client/mod.ts";
import { CA, PairOnDisk } from "../../../support/certificates.ts";
import { IDENTITY, type TestOptions, TestServer } from "../../../support/server.ts";
import { Raw } from "../../../transports/clients/raw.ts";

/** A server with TLS, and the certificate that it has on the disk. */
class TlsServer implements AsyncDisposable {
  readonly server: TestServer;
  readonly disk: PairOnDisk;
  readonly reports: string[];
  readonly client = Deno.createHttpClient({ caCerts: [CA] });

  private constructor(server: TestServer, disk: PairOnDisk, reports: string[]) {
    this.server = server;
    this.disk = disk;
    this.reports = reports;
  }

  static async open(options: TestOptions = {}): Promise<TlsServer> {
    const disk = await PairOnDisk.make();
    const reports: string[] = [];
    const server = await TestServer.open({
      network: { tls: disk.files },
      report: (what) => reports.push(what),
      drainMs: 2000,
      ...options,
    });
    return new TlsServer(server, disk, reports);
  }

  get url(): string {
    return `https://localhost:${this.server.httpPort}`;
  }

  async fetch(path: string, init: RequestInit = {}): Promise<Response> {
    return await fetch(this.url + path, { ...init, client: this.client } as RequestInit);
  }

  /** A WebSocket that is open, and all that it has been sent. */
  async socket(
    path: string,
  ): Promise<{ socket: WebSocket; heard: string[]; closed: () => boolean }> {
    const socket = new WebSocket(
      this.url.replace("http", "ws") + path,
      { client: this.client } as never,
    );
    const heard: string[] = [];
    let closed = false;
    socket.onmessage = ({ data }) => heard.push(...data.split("\n"));
    await new Promise((resolve, reject) => {
      socket.onopen = resolve;
      socket.onerror = (event) => reject(new Error((event as ErrorEvent).message));
    });
    socket.onclose = () => closed = true;
    return { socket, heard, closed: () => closed };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.client.close();
    await this.server[Symbol.asyncDispose]();
    await this.disk[Symbol.asyncDispose]();
  }
}

/** The name in the certificate that a port shows to whoever comes now. */
async function shown(port: number): Promise<string> {
  const socket: TLSSocket = connect({ host: "127.0.0.1", port, rejectUnauthorized: false });
  await new Promise((resolve, reject) => socket.on("secureConnect", resolve).on("error", reject));
  const { raw } = socket.getPeerCertificate();
  const closed = new Promise((resolve) => socket.on("close", resolve));
  socket.destroy();
  await closed;
  return new X509Certificate(raw).subject.replace("CN=", "");
}

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!await condition()) await new Promise((resolve) => setTimeout(resolve, 5));
}

Deno.test("over TLS there is all that there is without, and the cookie is for TLS only", async () => {
  await using tls = await TlsServer.open();
  const session = await tls.fetch("/api/session", { method: "POST", body: "ann" });
  assert(session.headers.get("set-cookie")?.endsWith("; Secure"));
  const { token } = await session.json();
  const page = await tls.fetch("/");
  assert((await page.text()).includes("<chat-room>"));
  const ping = await (await tls.fetch("/ping")).text();
  assert(/^pong 127\.0\.0\.1:\d+\n$/.test(ping), ping);
  const posted = await tls.fetch("/api/messages", {
    method: "POST",
    body: "hi",
    headers: { authorization: `Bearer ${token}` },
  });
  assertEquals([posted.status, (await posted.json()).seq], [201, 1]);
  for (const path of ["/events", "/stream", "/poll"]) {
    const response = await tls.fetch(`${path}?since=0`);
    const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
    let text = "";
    while (!text.includes('"text":"hi"')) text += (await reader.read()).value;
    await reader.cancel();
  }
  const { socket, heard } = await tls.socket("/ws?since=0");
  await until(() => heard.some((event) => event.includes('"text":"hi"')));
  const closed = new Promise((resolve) => socket.onclose = resolve);
  socket.close();
  await closed;
});

Deno.test("HTTP/2 and HTTP/1.1 are both there, by what the client asks for", async () => {
  await using tls = await TlsServer.open();
  for (const protocol of ["h2", "http/1.1"]) {
    const conn = await Deno.connectTls({
      hostname: "localhost",
      port: tls.server.httpPort,
      caCerts: [CA],
      alpnProtocols: [protocol],
    });
    assertEquals((await conn.handshake()).alpnProtocol, protocol);
    conn.close();
  }
  const over2 = Deno.createHttpClient({ caCerts: [CA], http1: false });
  const response = await fetch(`${tls.url}/livez`, { client: over2 } as RequestInit);
  assertEquals(await response.text(), "ok\n");
  over2.close();
});

Deno.test("a renewed certificate is for those who come; who is here stays, on every transport", async () => {
  await using tls = await TlsServer.open();
  const { server, disk } = tls;
  assertEquals(await shown(server.httpPort), "first");
  assertEquals(await shown(server.tcpPort), "first");

  const socket = await tls.socket("/ws?name=ann");
  const body = (await tls.fetch("/stream?name=bob")).body!.pipeThrough(new TextDecoderStream());
  let streamed = "";
  let streamEnded = false;
  const streaming = body.pipeTo(
    new WritableStream({ write: (text) => void (streamed += text) }),
  ).catch(() => {}).finally(() => streamEnded = true);
  const line = await Deno.connectTls({
    hostname: "localhost",
    port: server.tcpPort,
    caCerts: [CA],
  });
  await line.write(new TextEncoder().encode("cleo\n"));
  let told = "";
  const reading = line.readable.pipeThrough(new TextDecoderStream()).pipeTo(
    new WritableStream({ write: (text) => void (told += text) }),
  ).catch(() => {});
  await until(() => streamed.includes("live") && told.includes("hello cleo"));

  disk.replace("second", "cert");
  server.running.renewCertificate();
  assertEquals(tls.reports.length, 1, "a pair that does not fit is told of");
  assertEquals(await shown(server.httpPort), "first", "and not used");
  disk.replace("second");
  server.running.renewCertificate();
  await until(async () => await shown(server.httpPort).catch(() => "") === "second");
  await until(async () => await shown(server.tcpPort).catch(() => "") === "second");

  socket.socket.send("after the renewal");
  await until(() => told.includes("ann: after the renewal") && streamed.includes("the renewal"));
  await until(() => socket.heard.some((event) => event.includes('"type":"ack"')));
  assertEquals([socket.closed(), streamEnded], [false, false]);

  // The end comes to those of the old certificate, too.
  await server[Symbol.asyncDispose]();
  await Promise.all([until(socket.closed), streaming, reading]);
});

Deno.test("many renewals leave one listener, which answers", async () => {
  await using tls = await TlsServer.open();
  for (let i = 0; i < 6; i++) {
    tls.disk.replace(i % 2 === 0 ? "second" : "first");
    tls.server.running.renewCertificate();
  }
  await until(async () => await shown(tls.server.tcpPort).catch(() => "") === "first");
  const answer = await tls.fetch("/livez");
  assertEquals(await answer.text(), "ok\n");
});

Deno.test("a handshake that stalls holds up nobody, and counts as a connection", async () => {
  const limits = { ...NO_LIMITS, addressConnections: 3 };
  await using tls = await TlsServer.open({ limits });
  const { httpPort, tcpPort, running } = tls.server;
  using first = await Raw.connect(httpPort);
  using second = await Raw.connect(tcpPort);
  await until(() => running.limits.open === 2);
  const answer = await tls.fetch("/livez");
  assertEquals(await answer.text(), "ok\n");
  using third = await Raw.connect(tcpPort);
  await until(() => running.limits.open === 3);
  for (const port of [httpPort, tcpPort]) {
    using refused = await Raw.connect(port);
    assertEquals(await refused.takeRest(), "", "one too many is closed");
  }
  assert(first && second && third);
  await tls.server[Symbol.asyncDispose]();
  assertEquals(running.limits.open, 0);
});

Deno.test("who does not speak TLS is cut, and so is who finds the port behind it", async () => {
  const before = await listeningPorts();
  await using tls = await TlsServer.open();
  for (const port of [tls.server.httpPort, tls.server.tcpPort]) {
    using raw = await Raw.connect(port);
    await raw.send("GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n");
    assert(!(await raw.takeRest()).includes("HTTP/1.1 200"));
  }
  // Its number is nobody's business; here it is looked for among those that came with the server.
  const behind = (await listeningPorts()).filter((port) => !before.includes(port));
  const hidden = behind.filter((port) => ![tls.server.httpPort, tls.server.tcpPort].includes(port));
  const statuses = await Promise.all(hidden.map(async (port) => {
    try {
      const response = await fetch(`http://127.0.0.1:${port}/api/messages`);
      await response.body?.cancel();
      return response.status;
    } catch {
      return undefined;
    }
  }));
  // Tests beside this one have servers, too.
  assert(statuses.includes(403), `${statuses}`);
});

Deno.test("the one client comes in over TLS by every transport", async () => {
  await using tls = await TlsServer.open();
  const { httpPort, tcpPort } = tls.server;
  const line = await dialed(tcpPort);
  line.close();
  await assertRejects(
    () =>
      dial({ hostname: "localhost", port: tcpPort, tls: true, signal: AbortSignal.timeout(5000) }),
    Error,
    "UnknownIssuer",
  );
  await using client = join(`tcps://localhost:${tcpPort}`, {
    name: "ann",
    tcp: overTcp(() => dialed(tcpPort)),
  });
  assertEquals(await via(client), "tcp");
  assert(httpPort !== tcpPort);
});

Deno.test("a port that is taken is told as without TLS", async () => {
  await using tls = await TlsServer.open();
  const data = await Deno.makeTempDir({ prefix: "partyline-" });
  const assets = await loadPage();
  await assertRejects(
    () =>
      startServer({
        assets,
        host: "127.0.0.1",
        port: tls.server.httpPort,
        tcpPort: undefined,
        emptyLine: "ignore",
        data,
        room: "lobby",
        recent: 50,
        rate: undefined,
        limits: NO_LIMITS,
        identity: IDENTITY,
        allowHosts: [],
        keep: { type: "all" },
        drainMs: 1000,
        network: { tls: tls.disk.files },
        report: () => {},
      }),
    StartupError,
    "the port is in use; choose another with --port",
  );
  await Deno.remove(data, { recursive: true });
});

function dialed(port: number): Promise<Deno.TlsConn> {
  return Deno.connectTls({ hostname: "localhost", port, caCerts: [CA] });
}

async function via(client: Client): Promise<Transport | undefined> {
  for await (const event of client) {
    if (event.type === "connection" && event.state.type === "connected") return event.state.via;
  }
  return undefined;
}

/** The ports of the loopback that somebody listens on, as Linux tells them. */
async function listeningPorts(): Promise<number[]> {
  const table = await Deno.readTextFile("/proc/net/tcp");
  return [...table.matchAll(/^ *\d+: 0100007F:([0-9A-F]{4}) \S+ 0A/gm)]
    .map(([, port]) => parseInt(port!, 16));
}
