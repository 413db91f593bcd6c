import { changedBy } from "../../lib/model/change.ts";
import { type Entry, isChange } from "../../lib/model/message.ts";
import type { FirstScreen } from "../../lib/view/first_screen.ts";
import { fetchMessages } from "../base/api.ts";
import type { Database } from "../base/database.ts";
import type { Timer } from "../base/dom.ts";

const KEY = "room";
/** So many of the newest messages are kept. */
const MOST = 200;
/** New messages are written together, once in so long. */
const WRITE_MS = 1000;
/** Until the page has come to rest. */
const SETTLE_MS = 3000;

/** What the page would begin with if the server did not answer; undefined where nothing is kept. */
export async function readCopy(database: Database): Promise<FirstScreen | undefined> {
  try {
    const kept = Object(await database.get("copy", KEY)) as Partial<FirstScreen>;
    return Array.isArray(kept.entries) && kept.features?.read ? kept as FirstScreen : undefined;
  } catch {
    return undefined; // the browser forbids it
  }
}

/** Whoever uses this browser next, or is not to read any more, finds nothing. */
export async function removeCopy(database: Database): Promise<void> {
  await database.clear("copy").catch(() => {}); // then there is none
}

/**
 * The newest messages of the log, kept in the browser for when the server does not answer: in step with
 * what the page knows. A message that is deleted is gone from here at once. Everything is best effort:
 * a browser that keeps nothing shows nothing offline.
 */
export class OfflineCopy {
  readonly #database: Database;
  #screen: FirstScreen | undefined;
  #timer: Timer;
  #writing: Promise<void> | undefined;
  /** What was kept before may reach further back than what we have: it is not overwritten by less. */
  #isShort = true;

  constructor(database: Database) {
    this.#database = database;
    addEventListener("pagehide", () => this.#flush());
    document.addEventListener("visibilitychange", () => document.hidden && this.#flush());
  }

  /** Begins with what the page begins with: from the server, or from here. */
  begin(screen: FirstScreen): void {
    this.#screen = { ...screen, entries: screen.entries.slice(-MOST) };
    setTimeout(() => this.#fill(), SETTLE_MS);
  }

  /** The next entry of the log, of whatever kind. */
  heard(entry: Pick<Entry, "seq"> & { readonly type: string }): void {
    if (!this.#screen) return;
    let { entries, topic } = this.#screen;
    const known = entry as Entry;
    if (known.type === "message") {
      if (known.seq > (entries.at(-1)?.seq ?? 0)) entries = [...entries, known].slice(-MOST);
    } else if (known.type === "topic") topic = known.text;
    else if (isChange(known)) entries = entries.map((message) => changedBy(message, known));
    const last = Math.max(this.#screen.last, entry.seq);
    this.#screen = { ...this.#screen, entries, topic, last };
    if (known.type === "delete" || known.type === "edit") this.#write();
    else this.#timer ??= setTimeout(() => this.#flush(), WRITE_MS);
  }

  /** The server is there, and has this log: where the page began without any, that is it. */
  found(log: Pick<FirstScreen, "epoch" | "first">): void {
    if (this.#screen?.epoch === "") this.restart(log);
  }

  /** The log is another, or has become shorter: what was is gone. */
  restart({ epoch, first }: Pick<FirstScreen, "epoch" | "first">): void {
    if (!this.#screen) return;
    this.#screen = { ...this.#screen, epoch, first, last: first - 1, topic: "", entries: [] };
    this.#write();
  }

  /** The viewer must not read any more: nothing is kept from here on. */
  async end(): Promise<void> {
    this.#screen = undefined;
    clearTimeout(this.#timer);
    await this.#writing;
    await removeCopy(this.#database);
  }

  /** Adds what is older than the page has shown, up to as many as are kept. */
  async #fill(): Promise<void> {
    const { entries = [], first = 1 } = this.#screen ?? {};
    const before = entries[0]?.seq ?? first;
    if (before > first && entries.length < MOST) {
      try {
        const { events } = await fetchMessages({ before, limit: MOST - entries.length });
        const now = this.#screen;
        if (now?.entries[0]?.seq === before) {
          this.#screen = { ...now, entries: [...events, ...now.entries].slice(-MOST) };
        }
      } catch {
        // best effort: then there are fewer
      }
    }
    this.#isShort = false;
    this.#write();
  }

  #flush(): void {
    if (this.#isShort) this.#timer = undefined;
    else this.#write();
  }

  async #write(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    // One after the other, and the last one writes what is true then.
    await this.#writing;
    const screen = this.#screen;
    if (!screen) return;
    this.#writing = this.#database.put("copy", KEY, screen).catch(() => {});
    await this.#writing;
  }
}
