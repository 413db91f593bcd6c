import type { FoundPeople, PresenceNotice } from "../../model/events.ts";
import { fold } from "../../model/search/fold.ts";
import { nameKey } from "../../names/mod.ts";

/** Above this many people, names are left out and comings and goings are folded. */
export const NAMES_AT_MOST = 200;
/** Of so many people it is remembered that they spoke last. */
const SPEAKERS = 200;

/** A session that is in the room now, over one connection or several. */
export interface Person {
  readonly session: string;
  /** Changes with `rename`. */
  readonly name: string;
}

/** What the roll keeps of a person. */
interface Listed extends Person {
  name: string;
  /** The name as it is looked up. */
  folded: string;
}

/** The people who are here, by session and by name. No two have names that read the same. */
export class Roll<P extends Listed> {
  readonly #isOperator: (session: string) => boolean;
  readonly #bySession = new Map<string, P>();
  readonly #byName = new Map<string, P>();
  /** Who spoke last is the last. */
  readonly #speakers = new Set<P>();

  constructor(isOperator: (session: string) => boolean) {
    this.#isOperator = isOperator;
  }

  get count(): number {
    return this.#bySession.size;
  }

  get all(): IterableIterator<P> {
    return this.#bySession.values();
  }

  find(session: string): P | undefined {
    return this.#bySession.get(session);
  }

  named(name: string): P | undefined {
    return this.#byName.get(nameKey(name));
  }

  add(person: P): void {
    this.#bySession.set(person.session, person);
    this.#byName.set(nameKey(person.name), person);
  }

  remove(person: P): void {
    this.#speakers.delete(person);
    this.#bySession.delete(person.session);
    this.#byName.delete(nameKey(person.name));
  }

  rename(person: P, name: string): void {
    this.#byName.delete(nameKey(person.name));
    this.#byName.set(nameKey(name), person);
    person.name = name;
    person.folded = fold(name);
  }

  spoke(person: P): void {
    this.#speakers.delete(person);
    this.#speakers.add(person);
    if (this.#speakers.size <= SPEAKERS) return;
    const [first] = this.#speakers;
    this.#speakers.delete(first!);
  }

  snapshot(): PresenceNotice {
    const { count } = this;
    if (count > NAMES_AT_MOST) return { type: "presence", count };
    const people = [...this.all];
    const names = people.map(({ name }) => name);
    return { type: "presence", count, names, ...this.#operators(people) };
  }

  /**
   * People whose name has `part` in it, in any case and with any accents; everybody where it is empty.
   * Names that begin with it come first, and of those who spoke last.
   */
  lookUp(part: string, limit: number): FoundPeople {
    const wanted = fold(part);
    const begin: P[] = [];
    const contain: P[] = [];
    const order = [...this.#speakers].reverse();
    for (const person of chain(order, this.all, this.#speakers)) {
      const at = person.folded.indexOf(wanted);
      if (at === 0) begin.push(person);
      else if (at > 0) contain.push(person);
      if (begin.length > limit) break;
    }
    const found = [...begin, ...contain];
    const listed = found.slice(0, limit);
    const names = listed.map(({ name }) => name);
    return { count: this.count, names, more: found.length > limit, ...this.#operators(listed) };
  }

  #operators(people: readonly P[]): { operators?: readonly string[] } {
    const operators = people.filter(({ session }) => this.#isOperator(session));
    return operators.length > 0 ? { operators: operators.map(({ name }) => name) } : {};
  }
}

/** The people of both, in that order; those of the second that are not in the first. */
function* chain<P>(first: readonly P[], second: Iterable<P>, known: ReadonlySet<P>): Generator<P> {
  yield* first;
  for (const person of second) if (!known.has(person)) yield person;
}
