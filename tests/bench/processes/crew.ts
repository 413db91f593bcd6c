import { stripTypeScriptTypes } from "node:module";
import { join } from "node:path";
import type { Answer, Command, Mark, Role, Totals } from "../generator/command.ts";
import type { Target } from "../generator/connection.ts";
import type { OpenLoopPlan, OpenLoopResult } from "../generator/open_loop.ts";
import type { Launched, Launcher } from "./launcher.ts";
import { linesOf } from "./lines.ts";
import type { Peer, Readers } from "../peers/peer.ts";
import type { Server } from "./server.ts";
import { exists, type Toolchain } from "./toolchain.ts";

export const PUBLISHERS = 4;
/** Readers are connected in so many turns, so that the watched ones are spread among all. */
const TURNS = 10;
const WATCHED_SHARE = 0.05;
const WATCHED_AT_MOST = 50;
const LONGEST_NAP_MS = 20;
const ANSWER_LIMIT_MS = 120_000;

export type Marks = { readonly prompt: Mark; readonly bulk: Mark };

/**
 * The load generator: a prompt process, which sends and watches some of the readers closely, and
 * a bulk process, which holds all other readers and reads them at its leisure. That way 500
 * readers do not keep the one that measures from looking at the clock.
 */
export class Crew {
  readonly #prompt: Worker;
  readonly #bulk: Worker;

  private constructor(prompt: Worker, bulk: Worker) {
    this.#prompt = prompt;
    this.#bulk = bulk;
  }

  static start(launcher: Launcher, generator: readonly string[]): Crew {
    return new Crew(
      new Worker(launcher, generator, "prompt"),
      new Worker(launcher, generator, "bulk"),
    );
  }

  /** Connects publishers and readers, waits for silence, and counts from there. */
  async join(server: Server, peer: Peer, who: { readers: number; over: Readers }): Promise<void> {
    const { host, port } = server;
    const { dialect } = peer;
    const { transport, path } = who.over;
    const readerPort = transport === "tcp" ? server.tcpPort : port;
    if (readerPort === undefined) throw new Error("it opened no TCP port");
    const reader: Target = { host, port: readerPort, dialect, transport, path };
    const publisher: Target = { host, port, dialect, transport: "ws", path: peer.publisherPath };
    await this.#bulk.ask({ do: "nap", longest: 0 });
    const watched = Math.min(Math.max(Math.ceil(who.readers * WATCHED_SHARE), 5), WATCHED_AT_MOST);
    const bulk = who.readers - watched;
    let publishers = 0;
    for (let turn = 0; turn < TURNS; turn++) {
      await this.#connect(this.#bulk, "bulk", reader, share(bulk, turn));
      if (turn % 2 === 1 && publishers < PUBLISHERS) {
        await this.#connect(this.#prompt, "publisher", publisher, {
          first: publishers++,
          count: 1,
        });
      }
      const { first, count } = share(watched, turn);
      await this.#connect(this.#prompt, "watch", reader, { first: bulk + first, count });
    }
    await this.settle();
  }

  /** Idle readers only, for what they weigh. */
  async joinIdle(
    server: Server,
    peer: Peer,
    who: { first: number; count: number },
  ): Promise<void> {
    const { host, port } = server;
    const { transport, path } = peer.readers[0]!;
    const target: Target = { host, port, dialect: peer.dialect, transport, path };
    await this.#connect(this.#bulk, "bulk", target, who);
    await this.settle();
  }

  async settle(): Promise<void> {
    const settle: Command = { do: "settle", quietMs: 150, limitMs: 5000 };
    await this.#both(settle);
    await this.#bulk.ask({ do: "nap", longest: LONGEST_NAP_MS });
  }

  async mark(): Promise<Marks> {
    const [prompt, bulk] = await Promise.all([
      this.#prompt.ask({ do: "mark" }),
      this.#bulk.ask({ do: "mark" }),
    ]);
    return { prompt, bulk };
  }

  async keepInFlight(window: number): Promise<void> {
    await this.#prompt.ask({ do: "closed", window });
  }

  open(plan: OpenLoopPlan): Promise<OpenLoopResult> {
    return this.#prompt.ask({ do: "open", plan });
  }

  /** Stops sending. What did not come back in time is lost, or late. */
  stop(limitMs: number): Promise<Answer["stop"]> {
    return this.#prompt.ask({ do: "stop", limitMs });
  }

  async totals(): Promise<Totals> {
    const [a, b] = await this.#both({ do: "totals" });
    return {
      least: Math.min(a.least ?? Infinity, b.least ?? Infinity), // Infinity is null in JSON
      most: Math.max(a.most, b.most),
      connections: a.connections + b.connections,
      closed: a.closed + b.closed,
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([this.#prompt.end(), this.#bulk.end()]);
  }

  #both<C extends Command>(command: C): Promise<[Answer[C["do"]], Answer[C["do"]]]> {
    return Promise.all([this.#prompt.ask(command), this.#bulk.ask(command)]);
  }

  async #connect(
    worker: Worker,
    role: Role,
    target: Target,
    { first, count }: { first: number; count: number },
  ): Promise<void> {
    if (count === 0) return;
    const { connected, error } = await worker.ask({ do: "connect", role, count, first, target });
    if (connected < count) {
      throw new Error(`${connected} of ${count} connected: ${error ?? "no reason"}`);
    }
  }
}

/** This turn's share of `all`, and where it begins. */
function share(all: number, turn: number): { first: number; count: number } {
  const first = Math.floor(all * turn / TURNS);
  return { first, count: Math.floor(all * (turn + 1) / TURNS) - first };
}

/** A generator process: a command in, an answer out. */
class Worker {
  readonly #launcher: Launcher;
  readonly #launched: Launched;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;
  readonly #answers: AsyncGenerator<string>;
  /** One at a time. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(launcher: Launcher, generator: readonly string[], seat: "prompt" | "bulk") {
    this.#launcher = launcher;
    this.#launched = launcher.start(generator, { seat, stdin: "piped", stderr: "inherit" });
    this.#writer = this.#launched.child.stdin.getWriter();
    this.#answers = linesOf(this.#launched.child.stdout);
  }

  ask<C extends Command>(command: C): Promise<Answer[C["do"]]> {
    const answer = this.#last.then(() => this.#ask(command));
    this.#last = answer.catch(() => {});
    return answer;
  }

  async end(): Promise<void> {
    await this.#launcher.end(this.#launched);
  }

  async #ask<C extends Command>(command: C): Promise<Answer[C["do"]]> {
    const timer = setTimeout(() => void this.end(), ANSWER_LIMIT_MS);
    try {
      await this.#writer.write(new TextEncoder().encode(JSON.stringify(command) + "\n"));
      const { value, done } = await this.#answers.next();
      if (done) throw new Error(`Cannot ${command.do}: the load generator has ended`);
      return JSON.parse(value);
    } finally {
      clearTimeout(timer);
    }
  }
}

/** The command that runs the generator: Node where there is one, since a read costs it less. */
export async function generatorCommand(tools: Toolchain): Promise<readonly string[]> {
  const source = join(import.meta.dirname!, "..", "generator");
  try {
    await tools.node();
  } catch {
    return [Deno.execPath(), "run", "-A", join(source, "main.ts")];
  }
  const target = join(tools.dir, "generator");
  if (!await exists(target)) await Deno.mkdir(target, { recursive: true });
  for await (const { name } of Deno.readDir(source)) {
    const erased = stripTypeScriptTypes(await Deno.readTextFile(join(source, name)));
    const script = erased.replaceAll(/(from "\.\/\w+)\.ts"/g, '$1.mjs"');
    await Deno.writeTextFile(join(target, name.replace(/\.ts$/, ".mjs")), script);
  }
  return ["node", join(target, "main.mjs")];
}
