import { Crew } from "./crew.ts";
import type { Launcher } from "./launcher.ts";
import type { Peer } from "../peers/peer.ts";
import { Server } from "./server.ts";
import type { Toolchain } from "./toolchain.ts";

/** What it takes to start servers and the generator. */
export class Workshop {
  readonly #tools: Toolchain;
  readonly #launcher: Launcher;
  readonly #generator: readonly string[];

  constructor(tools: Toolchain, launcher: Launcher, generator: readonly string[]) {
    this.#tools = tools;
    this.#launcher = launcher;
    this.#generator = generator;
  }

  /** The caller disposes of it. */
  server(peer: Peer): Promise<Server> {
    return Server.start(peer, this.#tools, this.#launcher);
  }

  /** The caller disposes of it. */
  crew(): Crew {
    return Crew.start(this.#launcher, this.#generator);
  }
}
