import type { Rate } from "../../../lib/base/rate_limit.ts";

export interface StoryLimits {
  /** Messages of one sender. */
  readonly rate: Rate;
  /** Renames of one person. */
  readonly renames: Rate;
}

/** Somebody as the model knows them. */
export interface Character {
  name: string;
  connections: number;
  /** When the leave notice is due, once the last connection has ended without a goodbye. */
  leavingAt: number | undefined;
}

/** What somebody may still do, as it is explained: so many at once, and others as time passes. */
class Tokens {
  readonly #rate: Rate;
  #left: number;
  #at = 0;

  constructor(rate: Rate) {
    this.#rate = rate;
    this.#left = rate.burst;
  }

  take(now: number): boolean {
    const { perSecond, burst } = this.#rate;
    this.#left = Math.min(burst, this.#left + perSecond * (now - this.#at) / 1000);
    this.#at = now;
    if (this.#left < 1 - 1e-4) return false;
    this.#left--;
    return true;
  }
}

/** What ought to be: the room without sockets, batches, pages, tails or disks. */
export class Story {
  /** How many entries come after a reset. */
  readonly recent: number;
  readonly graceMs: number;
  /** All that were ever posted, kept or not. */
  readonly entries: { from: string; text: string }[] = [];
  /** The oldest that is kept. */
  first = 1;
  now = 0;
  /** Of each session, since the server was started. */
  readonly #messages = new Map<string, Tokens>();
  readonly #renames = new Map<string, Tokens>();
  readonly #limits: StoryLimits;
  readonly #ids = new Map<string, number>();
  readonly #here = new Map<string, Character>();

  constructor(options: StoryLimits & { recent: number; graceMs: number }) {
    this.#limits = options;
    this.recent = options.recent;
    this.graceMs = options.graceMs;
  }

  get last(): number {
    return this.entries.length;
  }

  /** In the order in which they came. */
  get names(): string[] {
    return Array.from(this.#here.values(), ({ name }) => name);
  }

  /** Undefined where it is one too many. */
  post(sender: string, from: string, text: string, id: string | undefined) {
    const tokens = this.#messages.getOrInsertComputed(sender, () => new Tokens(this.#limits.rate));
    if (!tokens.take(this.now)) return undefined;
    const key = `${sender} ${id}`;
    const known = id === undefined ? undefined : this.#ids.get(key);
    if (known !== undefined) return { seq: known, duplicate: true };
    this.entries.push({ from, text });
    if (id !== undefined) this.#ids.set(key, this.last);
    return { seq: this.last, duplicate: false };
  }

  /** Forgets what is older than `before`, but never the newest. */
  trim(before: number): void {
    this.first = Math.max(this.first, Math.min(before, this.last));
  }

  enter(session: string, name: string): void {
    const here = this.#here.get(session);
    if (here) {
      here.connections++;
      here.leavingAt = undefined;
    } else this.#here.set(session, { name, connections: 1, leavingAt: undefined });
  }

  leave(session: string, goodbye: boolean): void {
    const person = this.#here.get(session)!;
    if (--person.connections > 0) return;
    if (goodbye) this.#here.delete(session);
    else person.leavingAt = this.now + this.graceMs;
  }

  nameOf(session: string): string | undefined {
    return this.#here.get(session)?.name;
  }

  /** False where it is one too many. */
  rename(session: string, name: string): boolean {
    const person = this.#here.get(session);
    if (!person || person.name === name) return true;
    const tokens = this.#renames.getOrInsertComputed(
      session,
      () => new Tokens(this.#limits.renames),
    );
    if (!tokens.take(this.now)) return false;
    person.name = name;
    return true;
  }

  /** Nobody is connected any more, and nobody is waited for. */
  restart(): void {
    this.#here.clear();
    this.#messages.clear();
    this.#renames.clear();
  }

  advance(ms: number): void {
    this.now += ms;
    for (const [session, { leavingAt }] of this.#here) {
      if (leavingAt !== undefined && leavingAt <= this.now) this.#here.delete(session);
    }
  }
}
