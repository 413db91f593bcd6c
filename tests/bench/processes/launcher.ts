import { ProcessTree } from "./process_tree.ts";

export type Launched = {
  readonly child: Deno.ChildProcess;
  readonly tree: ProcessTree;
};

/** Which part of the machine a process gets. */
export type Seat = "server" | "servers" | "prompt" | "bulk";

const PATIENCE_MS = 3000;

/** Starts processes on their cores, and ends every one that is left. */
export class Launcher {
  readonly #running = new Map<number, Launched>();
  readonly #seats: Record<Seat, readonly string[]>;

  private constructor(seats: Record<Seat, readonly string[]>) {
    this.#seats = seats;
  }

  /**
   * The server gets a core of its own, if there is one and `taskset` is; several get all. Of the
   * generator, what only counts steps back at once for what sends and measures.
   */
  static async create(pin: boolean): Promise<Launcher> {
    const cores = navigator.hardwareConcurrency;
    const pinned = pin && cores > 1 && await works("taskset", "-c", "0", "true");
    const on = (core: number): string[] => pinned ? ["taskset", "-c", String(core)] : [];
    return new Launcher({
      server: on(0),
      servers: [],
      prompt: on(1),
      bulk: [...on(cores > 2 ? 2 : 1), "nice", "-n", "10"],
    });
  }

  get pinned(): boolean {
    return this.#seats.server.length > 0;
  }

  start(
    command: readonly string[],
    options: { seat: Seat; cwd?: string; stdin?: "piped"; stderr?: "inherit" },
  ): Launched {
    // As many file descriptors as the system lets one have: 5,000 connections need them.
    const script = 'ulimit -n "$(ulimit -Hn)" 2>/dev/null; exec "$@"';
    const child = new Deno.Command("sh", {
      args: ["-c", script, "sh", ...this.#seats[options.seat], ...command],
      stdin: options.stdin ?? "null",
      stdout: "piped",
      stderr: options.stderr ?? "piped",
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    }).spawn();
    const launched = { child, tree: new ProcessTree(child.pid) };
    this.#running.set(child.pid, launched);
    child.status.finally(() => this.#running.delete(child.pid));
    return launched;
  }

  async end({ child, tree }: Launched): Promise<void> {
    if (this.#running.has(child.pid)) await tree.kill(child.status, PATIENCE_MS);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#running.values()].map((launched) => this.end(launched)));
  }
}

async function works(command: string, ...args: string[]): Promise<boolean> {
  try {
    return (await new Deno.Command(command, { args, stdout: "null", stderr: "null" }).output())
      .success;
  } catch {
    return false; // not installed
  }
}
