/** One line of the audit: who did what, to whom, and why. Never a text, never a token. */
export interface AuditRecord {
  /** The operator's name; undefined: whoever runs the machine. */
  readonly by: string | undefined;
  readonly what: string;
  readonly whom?: string | undefined;
  /** The seq of the message that it is about. */
  readonly message?: number | undefined;
  /** When it ends, in milliseconds since 1970; null: never. */
  readonly until?: number | null | undefined;
  readonly reason?: string | undefined;
  readonly seconds?: number | undefined;
}

/**
 * The list of what operators did: lines of JSON, for its owner alone to read, each on the disk before
 * what it tells of is done. Several processes may append to it.
 */
export class AuditFile {
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  /** Throws where it cannot be written. */
  append({ by, what, whom, message, until, reason, seconds }: AuditRecord): void {
    const line = JSON.stringify({
      at: new Date().toISOString(),
      by: by ?? "(machine)",
      what,
      whom,
      message,
      until: typeof until === "number" ? new Date(until).toISOString() : until,
      seconds,
      reason: reason === "" ? undefined : reason,
    });
    using file = Deno.openSync(this.#path, { append: true, create: true, mode: 0o600 });
    const bytes = new TextEncoder().encode(line + "\n");
    // Appended in one write: lines of several processes never mix.
    if (file.writeSync(bytes) !== bytes.length) throw new Error(`${this.#path}: the disk is full`);
    file.syncDataSync();
  }
}
