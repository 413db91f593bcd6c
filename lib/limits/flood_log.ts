import type { Clock } from "../base/clock.ts";
import type { Fields, Logger } from "../base/observe/logger.ts";
import { Repeats } from "../base/observe/repeats.ts";
import type { Code, Refusal } from "../model/refusal.ts";
import type { Limited } from "./counts.ts";

/** What was too much, as one says it. */
const TOO_MUCH: Record<Limited, string> = {
  frames: "frames or lines of a connection",
  address_frames: "frames or lines",
  pongs: "pongs of a connection",
  seeks: "/since of a connection",
  requests: "requests",
  reads: "searches and pages of history",
  connects: "new connections",
  address_connections: "open connections",
  connections: "open connections in all",
  passwords: "wrong passwords",
  bodies: "bodies that did not come",
  uploads: "uploads at once",
  upload_bytes: "uploaded bytes in an hour",
};

/** Refusals that say something to an operator; what people mistype, and what is limited, does not. */
const TOLD: readonly Code[] = ["unauthorized", "forbidden", "unavailable"];

/** Tells who sends too much or is refused: once a minute of each address and each reason, with counts. */
export class FloodLog implements Disposable {
  readonly #log: Logger;
  readonly #repeats: Repeats;

  constructor(log: Logger, clock: Clock) {
    this.#log = log;
    this.#repeats = new Repeats(clock, (more) => this.#tell("others are refused", more));
  }

  /** Somebody met a limit. Bound, so that it can be passed on. */
  readonly limited = (kind: Limited, address: string): void =>
    this.#repeats.note(`${kind} ${address}`, (more) => {
      this.#tell(`${address} is limited: too many ${TOO_MUCH[kind]}`, more, { kind, address });
    });

  /** Somebody was refused. */
  refused({ code, message }: Refusal, address: string): void {
    if (!TOLD.includes(code)) return;
    this.#repeats.note(`${code} ${address}`, (more) => {
      this.#tell(`${address} is refused: ${message}`, more, { code, address });
    });
  }

  [Symbol.dispose](): void {
    this.#repeats[Symbol.dispose]();
  }

  #tell(what: string, more: number, fields: Fields = {}): void {
    const message = more === 0 ? what : `${what} (${more} times more within a minute)`;
    this.#log.log("warning", "limits", message, { event: "refused", ...fields, more });
  }
}
