// Real nats-server processes: one, or a cluster of three. They can be stopped, killed and started again.
import { Nats, type NatsEnvironment, type NatsOptions } from "../../lib/nats/mod.ts";
import { Output } from "./program.ts";

const PROGRAM = "nats-server";
/** Debian puts it where not everybody looks. */
const PATH = `${Deno.env.get("PATH")}:/usr/sbin`;

/** Whether it is installed, and whether PARTYLINE_TEST_REQUIRE says that it must be. */
export function natsHere(): { readonly found: boolean; readonly required: boolean } {
  const required = Deno.env.get("PARTYLINE_TEST_REQUIRE")?.split(",").includes("nats") ?? false;
  const found = PATH.split(":").some((folder) => {
    try {
      return Deno.statSync(`${folder}/${PROGRAM}`).isFile;
    } catch {
      return false;
    }
  });
  return { found, required };
}

/** A test with NATS; skipped where there is none, unless it is required. */
export function natsTest(name: string, fn: () => Promise<void>): void {
  const { found, required } = natsHere();
  const ignore = !found && !required;
  Deno.test({ name: ignore ? `${name} (skipped: no nats-server here)` : name, ignore, fn });
}

export interface NatsServerOptions {
  /** What its configuration has besides: JetStream, its data and its ports are there. */
  readonly configuration?: string;
}

/**
 * A nats-server with JetStream in a folder of its own, on ports of its own that it keeps over restarts.
 * Disposing ends it and removes its data.
 */
export class NatsServer implements AsyncDisposable {
  readonly name: string;
  readonly port: number;
  readonly #folder: string;
  #process: Deno.ChildProcess | undefined;
  #output: Output | undefined;

  private constructor(name: string, port: number, folder: string) {
    this.name = name;
    this.port = port;
    this.#folder = folder;
  }

  /** Resolves when it takes connections and JetStream is there. */
  static async start(options: NatsServerOptions = {}): Promise<NatsServer> {
    const [port] = freePorts(1);
    const server = await NatsServer.make("single", port!, options.configuration);
    await server.restart();
    return server;
  }

  /** Not started yet: for `NatsCluster`. */
  static async make(name: string, port: number, configuration = ""): Promise<NatsServer> {
    const folder = await Deno.makeTempDir({ prefix: "partyline-nats-" });
    const lines = [
      `server_name: ${name}`,
      `listen: "127.0.0.1:${port}"`,
      `jetstream { store_dir: "${folder}/data" }`,
      configuration,
    ];
    await Deno.writeTextFile(`${folder}/nats.conf`, lines.join("\n"));
    return new NatsServer(name, port, folder);
  }

  /** As `--log` takes it. */
  get url(): string {
    return `nats://127.0.0.1:${this.port}`;
  }

  get options(): NatsOptions {
    return { servers: [`127.0.0.1:${this.port}`] };
  }

  /** Where JetStream keeps its files, to see what is in them. */
  get data(): string {
    return `${this.#folder}/data`;
  }

  /** What it has said since its last start. */
  get said(): string {
    return this.#output?.text ?? "";
  }

  get running(): boolean {
    return this.#process !== undefined;
  }

  /** A connection to it. */
  connect(environment?: NatsEnvironment): Promise<Nats> {
    return Nats.open(this.options, environment);
  }

  /** Starts it on the data that it has; resolves when it takes connections. */
  async restart(): Promise<void> {
    if (this.#process) throw new Error(`cannot start ${this.name}: it runs`);
    const child = new Deno.Command(PROGRAM, {
      args: ["-c", `${this.#folder}/nats.conf`],
      env: { PATH },
      stdout: "null",
      stderr: "piped",
    }).spawn();
    this.#process = child;
    this.#output = new Output(child.stderr);
    await this.#output.until(/Server is ready/);
  }

  /** SIGKILL where no other signal is given; resolves when it has ended. */
  async kill(signal: "SIGKILL" | "SIGTERM" | "SIGINT" = "SIGKILL"): Promise<void> {
    if (!this.#process) return;
    const child = this.#process;
    this.#process = undefined;
    child.kill(signal);
    await Promise.all([child.status, this.#output?.ended]);
  }

  /** Stands still: its connections stay open, and nobody answers. */
  pause(): void {
    this.#process?.kill("SIGSTOP");
  }

  /** Goes on after `pause`. */
  resume(): void {
    this.#process?.kill("SIGCONT");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
    await Deno.remove(this.#folder, { recursive: true });
  }
}

/** Three servers of one cluster, for streams with three replicas. */
export class NatsCluster implements AsyncDisposable {
  readonly servers: readonly NatsServer[];

  private constructor(servers: readonly NatsServer[]) {
    this.servers = servers;
  }

  /** Resolves when JetStream has its leader. */
  static async start(): Promise<NatsCluster> {
    const ports = freePorts(6);
    const routes = ports.slice(3).map((port) => `"nats-route://127.0.0.1:${port}"`).join(", ");
    await using opening = new AsyncDisposableStack();
    const servers = await Promise.all([0, 1, 2].map(async (i) => {
      const route = `cluster { name: test, listen: "127.0.0.1:${
        ports[3 + i]
      }", routes: [${routes}] }`;
      return opening.use(await NatsServer.make(`n${i + 1}`, ports[i]!, route));
    }));
    const cluster = new NatsCluster(servers);
    await cluster.restart();
    opening.move();
    return cluster;
  }

  /** As `--log` takes it. */
  get url(): string {
    return this.servers.map(({ url }) => url).join(",");
  }

  get options(): NatsOptions {
    return { servers: this.servers.flatMap(({ options }) => options.servers) };
  }

  /** A connection to any of them. */
  connect(environment?: NatsEnvironment): Promise<Nats> {
    return Nats.open(this.options, environment);
  }

  /** Starts those that do not run; resolves when JetStream has its leader. */
  async restart(): Promise<void> {
    const ended = this.servers.filter(({ running }) => !running);
    await Promise.all(ended.map((server) => server.restart()));
    await using nats = await this.connect();
    await nats.manager.getAccountInfo();
  }

  /** The server that leads a stream now; it is asked of the cluster. */
  async leaderOf(stream: string): Promise<NatsServer> {
    await using nats = await this.connect();
    const { cluster } = await nats.manager.streams.info(stream);
    const leader = this.servers.find(({ name }) => name === cluster?.leader);
    if (!leader) throw new Error(`the stream ${stream} has no leader now`);
    return leader;
  }

  /** Kills all of them at the same moment. */
  async kill(): Promise<void> {
    await Promise.all(this.servers.map((server) => server.kill()));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.servers.map((server) => server[Symbol.asyncDispose]()));
  }
}

/** What a cluster does as soon as it has its leaders, tried until it does. */
export async function retried<T>(action: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await action();
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

/** Ports that nobody has now, each another. */
export function freePorts(count: number): number[] {
  const listeners = Array.from(
    { length: count },
    () => Deno.listen({ hostname: "127.0.0.1", port: 0 }),
  );
  const ports = listeners.map(({ addr }) => addr.port);
  for (const listener of listeners) listener.close();
  return ports;
}
