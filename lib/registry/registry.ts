import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { Clock } from "../base/clock.ts";
import { ACTIONS_TABLE } from "./actions.ts";
import { openDatabase, type PeopleFile } from "./database.ts";
import { TABLE as HELD_NAMES } from "./held_names.ts";
import { MEASURES_TABLE } from "./measures.ts";
import { OPERATORS_TABLE } from "./operators.ts";
import { ROOM_SETTINGS_TABLE } from "./room_settings.ts";
import { Sharing } from "./sharing.ts";
import { TABLE as SIGN_INS } from "./sign_ins.ts";

/** How long what may be written later waits for more of its kind. */
const LATER_MS = 1000;

/** Each table's module has its own here. */
const TABLES: readonly string[] = [
  HELD_NAMES,
  SIGN_INS,
  OPERATORS_TABLE,
  MEASURES_TABLE,
  ACTIONS_TABLE,
  ROOM_SETTINGS_TABLE,
];

/**
 * What is remembered about people beside the history: small, rarely written, in an SQLite file of its
 * own, so that it never waits for the history nor keeps it waiting. Disposing writes what is left.
 */
export class Registry implements PeopleFile, Disposable {
  readonly db: DatabaseSync;
  readonly sharing = new Sharing();
  /** Asked with each request that brings a token: prepared once. */
  readonly #version: StatementSync;
  readonly #clock: Clock;
  readonly #report: (what: string, error?: unknown) => void;
  /** The newest write of each key. */
  readonly #later = new Map<string, () => void>();
  #timer: Disposable | undefined;

  /** Throws a StartupError where the file cannot be used. `:memory:` is forgotten with the process. */
  constructor(path: string, clock: Clock, report: (what: string, error?: unknown) => void) {
    this.db = openDatabase(path, TABLES);
    this.#version = this.db.prepare("PRAGMA data_version");
    this.#clock = clock;
    this.#report = report;
  }

  /**
   * Writes within a second, with what else there is by then, in one transaction: for what happens with
   * every connection, and may be lost with the power. A later write of the same key takes its place.
   */
  later(key: string, write: () => void): void {
    this.#later.set(key, write);
    this.#timer ??= this.#clock.after(LATER_MS, () => this.flush());
  }

  /** What `write` does is on the disk when this returns, or nothing of it is, and it throws. */
  now<T>(write: () => T): T {
    this.db.exec("BEGIN IMMEDIATE");
    try {
      const result = write();
      this.db.exec("COMMIT");
      return result;
    } catch (error) {
      if (this.db.isTransaction) this.db.exec("ROLLBACK");
      throw error;
    }
  }

  /** Another number than before where another process has written to the file since. */
  get version(): number {
    return this.#version.get()!.data_version as number;
  }

  /** Writes at once what was to be written later: for whoever reads it. Does not throw. */
  flush(): void {
    this.#timer?.[Symbol.dispose]();
    this.#timer = undefined;
    if (this.#later.size === 0) return;
    const writes = [...this.#later.values()];
    this.#later.clear();
    try {
      this.now(() => writes.forEach((write) => write()));
    } catch (error) {
      this.#report("cannot remember who was here", error);
    }
  }

  [Symbol.dispose](): void {
    this.flush();
    this.db.close();
  }
}
