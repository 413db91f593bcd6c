import { type Client, join } from "../../../lib/client/mod.ts";

/** Somebody with the client that everybody has: it comes back when the `bye` said. */
export class Returner {
  /** The newest message it has seen. */
  cursor: number;
  readonly problems: string[] = [];
  /** When it was live for the last time, on the clock of `performance`. */
  liveAt = 0;
  byes = 0;
  resumed = 0;
  readonly #client: Client;
  readonly #live = Promise.withResolvers<void>();

  constructor(url: string, name: string, cursor: number) {
    this.#client = join(url, { name, since: String(cursor), transports: ["websocket"] });
    this.cursor = cursor;
  }

  /** Resolves when it is live for the first time. */
  get live(): Promise<void> {
    return this.#live.promise;
  }

  /** Until `stop`. */
  async run(): Promise<void> {
    for await (const event of this.#client) {
      switch (event.type) {
        case "welcome":
          if (event.resumed) this.resumed++;
          break;
        case "message":
          if (event.seq !== this.cursor + 1) {
            this.problems.push(`saw ${event.seq} after ${this.cursor}`);
          }
          this.cursor = event.seq;
          break;
        case "reset":
          this.problems.push(`after ${this.cursor}: ${event.reason}`);
          break;
        case "live":
          this.liveAt = performance.now();
          this.#live.resolve();
          break;
        case "bye":
          this.byes++;
          break;
        case "connection":
          // A hole would make it come back once more, and go unnoticed.
          if (event.state.type === "waiting" && event.state.reason.includes("did not come")) {
            this.problems.push(event.state.reason);
          }
      }
    }
  }

  async stop(): Promise<void> {
    await this.#client.leave();
  }
}
