import type { RoomEvent } from "../../../lib/model/events.ts";
import { Backoff } from "../../../lib/base/backoff.ts";
import { bearer } from "../../transports/clients/client.ts";
import { openSocket } from "../../transports/clients/socket.ts";
import { pause } from "../chaos/writer.ts";
import type { RestartableServer } from "../support/restartable.ts";

/** A page as it behaves: it comes back when the `bye` said, and where nobody is there, a little later. */
export class Returner {
  /** The newest message it has seen. */
  cursor: number;
  readonly problems: string[] = [];
  /** When it was live for the last time, on the clock of `performance`. */
  liveAt = 0;
  byes = 0;
  resumed = 0;
  readonly #server: RestartableServer;
  readonly #backoff = new Backoff({ minMs: 100, maxMs: 2000 });
  readonly #path: string;
  #token: string | undefined;
  #waitMs = 0;
  #live = Promise.withResolvers<void>();
  #stopped = false;
  #socket: WebSocket | undefined;

  constructor(server: RestartableServer, name: string, cursor: number) {
    this.#server = server;
    this.#path = `/ws?name=${name}`;
    this.cursor = cursor;
  }

  /** Resolves when it is live, next or already. */
  get live(): Promise<void> {
    return this.#live.promise;
  }

  /** Until `stop`. */
  async run(): Promise<void> {
    while (!this.#stopped) {
      try {
        const at = await this.#server.addresses();
        const { socket, ended } = await openSocket(at, `${this.#path}&since=${this.cursor}`, {
          headers: bearer(this.#token),
          onFrame: (text) => text.split("\n").forEach((line) => this.#take(JSON.parse(line))),
        });
        this.#backoff.reset();
        this.#socket = socket;
        await ended;
        this.#live = Promise.withResolvers();
        if (!this.#stopped) await pause(this.#waitMs);
        this.#waitMs = 0;
      } catch {
        await pause(this.#backoff.nextMs());
      }
    }
  }

  stop(): void {
    this.#stopped = true;
    this.#socket?.close();
  }

  #take(event: RoomEvent): void {
    switch (event.type) {
      case "welcome":
        this.#token ??= event.token;
        if (event.resumed) this.resumed++;
        return;
      case "message":
        if (event.seq !== this.cursor + 1) {
          this.problems.push(`saw ${event.seq} after ${this.cursor}`);
        }
        this.cursor = event.seq;
        return;
      case "reset":
        return void this.problems.push(`after ${this.cursor}: ${event.reason}`);
      case "live":
        this.liveAt = performance.now();
        return this.#live.resolve();
      case "bye":
        this.byes++;
        this.#waitMs = event.reconnect_ms;
    }
  }
}
