/** Somebody as the model knows them. */
export interface Character {
  name: string;
  connections: number;
  /** When the leave notice is due, once the last connection has ended without a goodbye. */
  leavingAt: number | undefined;
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
  readonly #ids = new Map<string, number>();
  readonly #here = new Map<string, Character>();

  constructor(options: { recent: number; graceMs: number }) {
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

  post(sender: string, from: string, text: string, id: string | undefined) {
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

  rename(session: string, name: string): void {
    const person = this.#here.get(session);
    if (person) person.name = name;
  }

  /** Nobody is connected any more, and nobody is waited for. */
  restart(): void {
    this.#here.clear();
  }

  advance(ms: number): void {
    this.now += ms;
    for (const [session, { leavingAt }] of this.#here) {
      if (leavingAt !== undefined && leavingAt <= this.now) this.#here.delete(session);
    }
  }
}
