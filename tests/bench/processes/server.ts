import type { Launched, Launcher } from "./launcher.ts";
import { pause, within } from "./deadline.ts";
import { linesOf } from "./lines.ts";
import type { Peer } from "../peers/peer.ts";
import type { ProcessTree } from "./process_tree.ts";
import type { Toolchain } from "./toolchain.ts";

/** Three NATS servers that choose their leaders take 8 s. */
const START_LIMIT_MS = 30_000;
const HOST = "127.0.0.1";

/** A peer that runs and has answered. */
export class Server {
  readonly host = HOST;
  readonly port: number;
  readonly tcpPort: number | undefined;
  /** From the start of the process to the first answer to a WebSocket's hello. */
  readonly startMs: number;
  readonly #launcher: Launcher;
  readonly #launched: Launched;
  readonly #scratch: string;

  private constructor(launcher: Launcher, launched: Launched, at: Place & { startMs: number }) {
    this.#launcher = launcher;
    this.#launched = launched;
    this.#scratch = at.scratch;
    this.port = at.port;
    this.tcpPort = at.tcpPort;
    this.startMs = at.startMs;
  }

  /** Throws, and leaves nothing running, where it does not answer in time. */
  static async start(peer: Peer, tools: Toolchain, launcher: Launcher): Promise<Server> {
    const scratch = await Deno.makeTempDir({ dir: tools.scratch });
    const { command, cwd, port, tcp = false, anyCore } = await peer.launch(tools, scratch);
    const begin = performance.now();
    const seat = anyCore ? "servers" : "server";
    const launched = launcher.start(command, { seat, ...(cwd ? { cwd } : {}) });
    const lastSaid = lastError(launched.child.stderr);
    try {
      const said = saidPorts(launched.child.stdout, tcp);
      said.catch(() => {}); // one whose port is known need not say it
      const ports = port === undefined ? await within(said, START_LIMIT_MS) : { port };
      await firstAnswer(ports.port, peer.readers[0]?.path ?? "/", begin + START_LIMIT_MS);
      const startMs = performance.now() - begin;
      return new Server(launcher, launched, { scratch, startMs, ...ports });
    } catch (error) {
      await launcher.end(launched);
      await remove(scratch);
      const why = error instanceof Error ? error.message : String(error);
      throw new Error(`does not start: ${why}; ${await lastSaid}`, { cause: error });
    }
  }

  get tree(): ProcessTree {
    return this.#launched.tree;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#launcher.end(this.#launched);
    await remove(this.#scratch);
  }
}

type Place = {
  readonly scratch: string;
  readonly port: number;
  readonly tcpPort?: number;
};

/** Reads where it listens, and goes on reading so that the server can go on talking. */
function saidPorts(
  stdout: ReadableStream<Uint8Array>,
  tcp: boolean,
): Promise<{ port: number; tcpPort?: number }> {
  const { promise, resolve, reject } = Promise.withResolvers<{ port: number; tcpPort?: number }>();
  void (async () => {
    let port: number | undefined;
    for await (const line of linesOf(stdout)) {
      const [, scheme, number] = /\b(http|tcp):\/\/[^\s/]*:(\d+)/.exec(line) ?? [];
      if (scheme === "http") port = Number(number);
      if (scheme === "http" && !tcp) resolve({ port: Number(number) });
      if (scheme === "tcp" && port !== undefined) resolve({ port, tcpPort: Number(number) });
    }
    reject(new Error("it ended without saying where it listens"));
  })();
  return promise;
}

/** The last line that it said on its standard error, once it has ended. */
async function lastError(stderr: ReadableStream<Uint8Array>): Promise<string> {
  let last = "";
  for await (const line of linesOf(stderr)) if (line.trim() !== "") last = line;
  return last;
}

/** Says hello as a WebSocket does until something answers. */
async function firstAnswer(port: number, path: string, deadline: number): Promise<void> {
  const hello = `GET ${path.replace("{n}", "0")} HTTP/1.1\r\nHost: ${HOST}:${port}\r\n` +
    "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n" +
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
  while (performance.now() < deadline) {
    try {
      using conn = await Deno.connect({ hostname: HOST, port });
      await conn.write(new TextEncoder().encode(hello));
      const answer = new Uint8Array(1024);
      const length = await within(conn.read(answer), START_LIMIT_MS) ?? 0;
      if (new TextDecoder().decode(answer.subarray(0, length)).startsWith("HTTP/1.1 101")) return;
      throw new Error("it does not answer a WebSocket with 101");
    } catch (error) {
      if (!(error instanceof Deno.errors.ConnectionRefused)) throw error;
      await pause(2);
    }
  }
  throw new Error("nobody listens");
}

async function remove(dir: string): Promise<void> {
  try {
    await Deno.remove(dir, { recursive: true });
  } catch {
    // best effort: a temporary folder
  }
}
