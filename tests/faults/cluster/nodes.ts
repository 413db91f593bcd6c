import type { Addresses } from "../../support/server.ts";
import { type Reachable, RestartableServer } from "../support/restartable.ts";

/** Several nodes of one room, each a process with data of its own. */
export class Nodes implements AsyncDisposable {
  readonly all: readonly RestartableServer[];

  private constructor(all: readonly RestartableServer[]) {
    this.all = all;
  }

  /** Resolves when all of them answer. `log` is their flag of that name. */
  static async start(
    count: number,
    { log, replicas }: { readonly log: string; readonly replicas: number },
  ): Promise<Nodes> {
    await using opening = new AsyncDisposableStack();
    const args = ["--log", log, "--replicas", String(replicas), "--drain", "2"];
    const all = [];
    for (let i = 0; i < count; i++) {
      all.push(opening.use(await RestartableServer.start({ args, samePorts: true })));
    }
    opening.move();
    return new Nodes(all);
  }

  /** For a client that goes to the next node each time, beginning with the `first`. */
  inTurn(first: number): Reachable {
    let next = first;
    return { addresses: () => this.all[next++ % this.all.length]!.addresses() };
  }

  /** Any that answers. */
  addresses(): Promise<Addresses> {
    return Promise.any(this.all.map((node) => node.addresses()));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.all.map((node) => node[Symbol.asyncDispose]()));
  }
}
