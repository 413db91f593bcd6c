import { loadPage, type RunningServer, type ServerOptions, startServer } from "../../lib/server.ts";
import { parseFlags } from "../../lib/cli/flags/mod.ts";
import { identityOf } from "../../lib/cli/serve/identity_flags.ts";
import { limitsOf } from "../../lib/cli/serve/limit_flags.ts";
import { command } from "../../lib/cli/serve/serve.ts";
import { Program, type ProgramOptions } from "./program.ts";

/** Where a server is reached, in this process or in another. */
export interface Addresses {
  /** Without the slash at the end. */
  readonly url: string;
  readonly httpPort: number;
  readonly tcpPort: number;
}

/** Those of a server that is started without flags: what a test does as a person would, none meets. */
export const USUAL_LIMITS = limitsOf(parseFlags(command, [], {}).values, false);

/** A name is free as soon as it is left: tests have names come and go that are not about that. */
export const IDENTITY = {
  ...identityOf(parseFlags(command, [], {}).values),
  holdNamesMs: undefined,
};

/** What a test may want otherwise than it is by default: no rate limit, and nobody is waited for long. */
export type TestOptions = Partial<Omit<ServerOptions, "host">>;

/** Reports that a client may bring about, a few times. */
const CAUSED_BY_CLIENTS = /^a page of \S+ was refused/;

let page: ReturnType<typeof loadPage> | undefined;

/** The page, bundled once for all servers of a test file. */
export function loadPageOnce(): ReturnType<typeof loadPage> {
  return page ??= loadPage();
}

/**
 * The server as the program wires it, in this process on free ports. It fails the test, when
 * disposed, where something was reported that no client should be able to cause.
 */
export class TestServer implements Addresses, AsyncDisposable {
  readonly running: RunningServer;
  readonly url: string;
  readonly httpPort: number;
  readonly tcpPort: number;
  readonly #owned: AsyncDisposableStack;

  private constructor(running: RunningServer, owned: AsyncDisposableStack) {
    this.running = running;
    this.httpPort = running.http.port;
    this.tcpPort = running.tcp!.port;
    this.url = `http://127.0.0.1:${this.httpPort}`;
    this.#owned = owned;
  }

  static async open(options: TestOptions = {}): Promise<TestServer> {
    await using opening = new AsyncDisposableStack();
    const reported: unknown[] = [];
    opening.defer(() => {
      if (reported.length > 0) throw new AggregateError(reported, "the server reported errors");
    });
    const data = options.data ?? await Deno.makeTempDir({ prefix: "partyline-" });
    if (options.data === undefined) opening.defer(() => Deno.remove(data, { recursive: true }));
    const running = opening.use(
      await startServer({
        host: "127.0.0.1",
        port: 0,
        tcpPort: 0,
        emptyLine: "ignore",
        room: "lobby",
        recent: 50,
        rate: undefined,
        limits: USUAL_LIMITS,
        identity: IDENTITY,
        allowHosts: [],
        keep: { type: "all" },
        assets: await loadPageOnce(),
        drainMs: 5000,
        graceMs: 20,
        byeMs: 0,
        report(what, error) {
          if (!CAUSED_BY_CLIENTS.test(what)) reported.push(new Error(what, { cause: error }));
        },
        reportSlow: () => {}, // tests run beside each other
        ...options,
        data,
      }),
    );
    return new TestServer(running, opening.move());
  }

  /** Idempotent: for a test that wants to see it end. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#owned.disposeAsync();
  }
}

/** Ports that nobody has, for `deno task start`. */
export const FREE_PORTS = ["--port", "0", "--tcp-port", "0"];

/** `deno task start` as a process of its own, with the permissions it has there. */
export class ServerProcess extends Program {
  constructor(args: string[], options: ProgramOptions = {}) {
    super("start", args, options);
  }

  /**
   * What it has reported, but for who comes and goes, and for slow turns of its event loop: tests run
   * beside each other.
   */
  get reports(): string {
    const { text } = this.stderr;
    return text.replaceAll(/^(\S+ (debug|info) .*|.*the event loop stood still.*)\n/gm, "");
  }

  /** Once it listens; rejects where it ends without. */
  async addresses(): Promise<Addresses> {
    const [, url, httpPort] = await this.stdout.until(/^(http:\/\/\S+:(\d+))\/$/m);
    const [, tcpPort] = await this.stdout.until(/^tcp:\/\/\S+:(\d+) /m);
    return { url: url!, httpPort: Number(httpPort), tcpPort: Number(tcpPort) };
  }
}
