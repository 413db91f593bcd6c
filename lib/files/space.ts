import { Refusal } from "../model/refusal.ts";

/** What a file takes of the disk at least. */
const BLOCK_BYTES = 4096;
/** Space comes back where messages are deleted, or files are not posted: not soon. */
const RETRY_S = 600;

/** What a file of so many bytes counts. */
export function countedSize(bytes: number): number {
  return Math.max(BLOCK_BYTES, bytes);
}

/** All space for files is used up: over HTTP a status of its own (RFC 4918, section 11.5). */
export function noSpace(cause?: unknown): Refusal {
  return new Refusal("unavailable", "this server has no space left for files", {
    retryAfter: RETRY_S,
    httpStatus: 507,
    cause,
  });
}

/** Whether the disk has no space left, by the system or by SQLite (SQLITE_FULL). */
export function isDiskFull(error: unknown): boolean {
  const { code, errcode } = error as { code?: unknown; errcode?: unknown };
  return code === "ENOSPC" || code === "EDQUOT" || errcode === 13;
}

/** Of an upload: given back when it is disposed. */
export interface Reservation extends Disposable {
  /** For so many bytes in all. Throws a Refusal where there are not as many left. */
  grow(bytes: number): void;
}

/** The bytes that all files together may have, those that are coming in among them. */
export class Space {
  readonly #total: number;
  #stored: number;
  #reserved = 0;

  constructor(total: number, stored: number) {
    this.#total = total;
    this.#stored = stored;
  }

  /** Of what is stored. */
  get stored(): number {
    return this.#stored;
  }

  add(size: number): void {
    this.#stored += countedSize(size);
  }

  remove(size: number): void {
    this.#stored -= countedSize(size);
  }

  reserve(): Reservation {
    let reserved = 0;
    return {
      grow: (bytes) => {
        const more = countedSize(bytes) - reserved;
        if (more <= 0) return;
        if (this.#stored + this.#reserved + more > this.#total) throw noSpace();
        this.#reserved += more;
        reserved += more;
      },
      [Symbol.dispose]: () => {
        this.#reserved -= reserved;
        reserved = 0;
      },
    };
  }
}
