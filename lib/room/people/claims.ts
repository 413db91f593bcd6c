import type { Clock } from "../../base/clock.ts";
import { nameKey } from "../../names/mod.ts";
import type { Neighbours, Resident } from "./neighbours.ts";

/** Claims that could not be decided are tried again so often. */
const AGAIN_MS = 1000;
/** So many names in a row are somebody else's only where something is wrong. */
const TRIES = 1000;

/** What the people of this node have, or want to have, at all nodes: their names. */
export class Claims implements Disposable {
  readonly #clock: Clock;
  readonly #neighbours: Neighbours;
  /** By session: the name that is its own at all nodes. */
  readonly #names = new Map<string, string>();
  /** By the key of the name: for whom it is being claimed. */
  readonly #underWay = new Map<string, string>();
  readonly #arriving = new Map<string, Promise<Resident | undefined>>();
  /** Those whose name is not certain, by session. */
  readonly #unsettled = new Map<string, Resident>();
  readonly #settling = new Set<string>();
  #again: Disposable | undefined;
  #closed = false;

  constructor(clock: Clock, neighbours: Neighbours) {
    this.#clock = clock;
    this.#neighbours = neighbours;
  }

  /** Whether the name is the person's own for certain. */
  has({ session, name }: Resident): boolean {
    return this.#names.get(session) === name;
  }

  /** Whether a name is being claimed for somebody else. */
  isUnderWay(name: string, session: string | undefined): boolean {
    const by = this.#underWay.get(nameKey(name));
    return by !== undefined && by !== session;
  }

  /** Until it is disposed, the name is nobody else's. */
  begin(name: string, session: string): Disposable {
    const key = nameKey(name);
    this.#underWay.set(key, session);
    return { [Symbol.dispose]: () => void this.#underWay.delete(key) };
  }

  /**
   * Claims what `next` says, which is asked again where that was somebody else's. Resolves with what
   * the session has then, or undefined where that cannot be decided. Never rejects.
   */
  arrive(session: string, next: () => Resident): Promise<Resident | undefined> {
    const known = this.#arriving.get(session);
    if (known) return known;
    const arriving = this.#arrive(next).finally(() => this.#arriving.delete(session));
    this.#arriving.set(session, arriving);
    return arriving;
  }

  /** Whether somebody is about to enter. */
  isArriving(session: string): boolean {
    return this.#arriving.has(session);
  }

  /** Whether the person has the name instead of the one before. Rejects where that cannot be decided. */
  async change(person: Resident, name: string): Promise<boolean> {
    return await this.#claim({ ...person, name });
  }

  /** Sees to it that the name of somebody who is here becomes certain; `person` is read when it is asked. */
  settle(person: Resident): void {
    if (this.has(person)) return;
    this.#unsettled.set(person.session, person);
    this.#settle(person.session);
  }

  /** The session's name is not certain any more. */
  lost(session: string): void {
    this.#names.delete(session);
  }

  release(session: string): void {
    this.#names.delete(session);
    this.#unsettled.delete(session);
    this.#neighbours.release(session);
  }

  [Symbol.dispose](): void {
    this.#closed = true;
    this.#again?.[Symbol.dispose]();
  }

  async #arrive(next: () => Resident): Promise<Resident | undefined> {
    try {
      for (let tries = 0; this.#neighbours.connected && tries < TRIES; tries++) {
        const resident = next();
        if (await this.#claim(resident)) return resident;
      }
    } catch {
      // They are let in all the same, and their name becomes certain later.
    }
    return undefined;
  }

  async #settle(session: string): Promise<void> {
    if (this.#settling.has(session)) return;
    this.#settling.add(session);
    try {
      for (;;) {
        const person = this.#unsettled.get(session);
        if (!person || this.has(person)) break;
        const { name } = person;
        const isOurs = this.#neighbours.connected && await this.#claim(person);
        // Where it is another's, the person has been given another name.
        if (!isOurs && person.name === name) return this.#tryAgain();
      }
      // It may have been released while it was claimed.
      if (!this.#unsettled.delete(session)) this.release(session);
    } catch {
      this.#tryAgain();
    } finally {
      this.#settling.delete(session);
    }
  }

  async #claim(resident: Resident): Promise<boolean> {
    const { session, name } = resident;
    using _ours = this.begin(name, session);
    const isOurs = await this.#neighbours.claim({ ...resident });
    if (isOurs) this.#names.set(session, name);
    return isOurs;
  }

  #tryAgain(): void {
    if (this.#closed) return;
    this.#again ??= this.#clock.after(AGAIN_MS, () => {
      this.#again = undefined;
      for (const session of this.#unsettled.keys()) this.#settle(session);
    });
  }
}
