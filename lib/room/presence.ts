import type { Clock } from "../base/clock.ts";
import { type Rate, RateLimit } from "../base/rate_limit.ts";
import type { FoundPeople, Notice, PresenceNotice } from "../model/events.ts";
import { fold } from "../model/search/fold.ts";
import { isReserved, nameKey } from "../names/mod.ts";
import { guestName, nextFree } from "../model/names.ts";
import { nameReserved, nameTaken, rateLimited, type Refusal } from "../model/refusal.ts";
import { type HeldNames, RENEW_MS } from "./identity/held_names.ts";
import { NO_RULES, type Rules } from "./rules.ts";

/** Above this many people, names are left out and comings and goings are folded. */
const NAMES_AT_MOST = 200;
/** Of so many people it is remembered that they spoke last. */
const SPEAKERS = 200;
/** How often, folded, the count is told at most. */
const FOLD_MS = 1000;

/** A session that is in the room now, over one connection or several. */
export interface Person {
  readonly session: string;
  /** Changes with `rename`. */
  readonly name: string;
}

/** A person, with what the rest of the program need not know. */
interface Present extends Person {
  name: string;
  /** The name as it is looked up. */
  folded: string;
  connections: number;
  /** Where its newest connection comes from. */
  address: string;
  /** Since it has said something under this name, which stays its own then; when that was written last. */
  heldAt: number | undefined;
  /** Set from the end of the last connection to the leave notice. */
  leaving: Disposable | undefined;
}

/**
 * Who is here, by session: two tabs of one person are one name. Says each change once, through
 * `announce`, in the order in which it happened.
 */
export class Presence {
  readonly #clock: Clock;
  readonly #graceMs: number;
  readonly #announce: (notice: Notice) => void;
  readonly #renames: RateLimit | undefined;
  readonly #held: HeldNames | undefined;
  readonly #rules: Rules;
  readonly #limited: { renames: number };
  readonly #bySession = new Map<string, Present>();
  readonly #byName = new Map<string, Present>();
  /** Who spoke last is the last. */
  readonly #speakers = new Set<Present>();
  #folding: Disposable | undefined;

  constructor(
    clock: Clock,
    options: {
      graceMs: number;
      /** Of each person, each of which everybody is told of; no limit where undefined. */
      renames?: Rate | undefined;
      /** Names of people who are away; without it a name is free as soon as they have left. */
      held?: HeldNames | undefined;
      /** Says who is an operator, and which names are kept. */
      rules?: Rules;
      announce: (notice: Notice) => void;
      /** Where renames that come too often are counted. */
      limited?: { renames: number };
    },
  ) {
    this.#clock = clock;
    this.#graceMs = options.graceMs;
    this.#announce = options.announce;
    this.#held = options.held;
    this.#rules = options.rules ?? NO_RULES;
    this.#limited = options.limited ?? { renames: 0 };
    this.#renames = options.renames && new RateLimit(options.renames, clock);
  }

  get count(): number {
    return this.#bySession.size;
  }

  snapshot(): PresenceNotice {
    const count = this.count;
    if (count > NAMES_AT_MOST) return { type: "presence", count };
    const people = [...this.#bySession.values()];
    const operators = people.filter(({ session }) => this.#rules.isOperator(session));
    const names = people.map(({ name }) => name);
    if (operators.length === 0) return { type: "presence", count, names };
    return { type: "presence", count, names, operators: operators.map(({ name }) => name) };
  }

  /**
   * People whose name has `part` in it, in any case and with any accents; everybody where it is empty.
   * Names that begin with it come first, and of those who spoke last.
   */
  lookUp(part: string, limit: number): FoundPeople {
    const wanted = fold(part);
    const begin: Present[] = [];
    const contain: Present[] = [];
    const order = [...this.#speakers].reverse();
    for (const person of chain(order, this.#bySession.values(), this.#speakers)) {
      const at = person.folded.indexOf(wanted);
      if (at === 0) begin.push(person);
      else if (at > 0) contain.push(person);
      if (begin.length > limit) break;
    }
    const found = [...begin, ...contain];
    const listed = found.slice(0, limit);
    const operators = listed.filter(({ session }) => this.#rules.isOperator(session));
    return {
      count: this.count,
      names: listed.map(({ name }) => name),
      more: found.length > limit,
      ...(operators.length > 0 && { operators: operators.map(({ name }) => name) }),
    };
  }

  /**
   * Why a session cannot have the name, or undefined where it can: one that reads the same may belong
   * to somebody here, to somebody who is away, to an operator, or to the server. Nobody in particular
   * asks where `session` is left out.
   */
  taken(name: string, session?: string): Refusal | undefined {
    if (this.#isReserved(name, session)) return nameReserved(name);
    if (this.#rules.isKept(name, session)) return nameTaken(name);
    const here = this.#byName.get(nameKey(name));
    if (here) return here.session === session ? undefined : nameTaken(name);
    const held = this.#held?.find(name);
    if (!held || held.session === session) return undefined;
    return nameTaken(name, held.until - this.#clock.now());
  }

  /** The name that a session would get on coming in: `name`, else the next free one, else a guest's. */
  free(name: string, session: string): string {
    const isTaken = (name: string) => this.taken(name, session) !== undefined;
    return nextFree(this.#isReserved(name, session) ? guestName() : name, isTaken);
  }

  /**
   * One connection more for a session. A person who is here keeps their name; one who comes gets
   * `name`, or where that is taken the next free one. A person who is about to leave has not left.
   */
  enter(session: string, name: string, address = ""): Person {
    const here = this.#bySession.get(session);
    if (here) {
      here.connections++;
      here.address = address;
      here.leaving?.[Symbol.dispose]();
      here.leaving = undefined;
      return here;
    }
    const free = this.free(name, session);
    const heldAt = this.#held?.find(free) && -Infinity; // in any case it is written anew
    const person: Present = {
      session,
      name: free,
      folded: fold(free),
      connections: 1,
      address,
      heldAt,
      leaving: undefined,
    };
    this.#bySession.set(session, person);
    this.#byName.set(nameKey(free), person);
    this.#rules.saw(free, session, address);
    const operator = this.#rules.isOperator(session) ? { operator: true } as const : {};
    this.#say({ type: "join", name: free, count: this.count, ...operator });
    return person;
  }

  /** Somebody says something: from then on the name is theirs, also for a while after they left. */
  speak(session: string, name: string, address = ""): void {
    const here = this.#bySession.get(session);
    if (here) this.#spoke(here);
    if (!here) this.#held?.hold(name, { session, address });
    else if (this.#held && here.name === name) {
      const now = this.#clock.monotonic();
      if (now - (here.heldAt ?? -Infinity) < RENEW_MS) return;
      here.heldAt = now;
      this.#hold(here);
    }
  }

  /**
   * One connection less. With the last one the person leaves: at once where `goodbye`, else after
   * the grace period, in which a reload or a change of network comes back.
   */
  leave(session: string, goodbye: boolean): void {
    const person = this.#bySession.get(session);
    if (!person || --person.connections > 0) return;
    if (goodbye) this.#remove(person);
    else person.leaving = this.#clock.after(this.#graceMs, () => this.#remove(person));
  }

  /** Throws a Refusal where the name belongs to somebody else, or the person is renamed too often. */
  rename(session: string, name: string): void {
    const person = this.#bySession.get(session);
    if (!person || person.name === name) return;
    const from = person.name;
    const why = this.taken(name, session);
    if (why) throw why;
    const waitMs = this.#renames?.take(session) ?? 0;
    if (waitMs > 0) {
      this.#limited.renames++;
      throw rateLimited(waitMs, "you change your name too often");
    }
    this.#byName.delete(nameKey(from));
    this.#byName.set(nameKey(name), person);
    this.#hold(person);
    person.name = name;
    person.folded = fold(name);
    person.heldAt = this.#held?.find(name) && -Infinity;
    this.#rules.saw(name, session, person.address);
    this.#announce({ type: "rename", from, name });
  }

  find(session: string): Person | undefined {
    return this.#bySession.get(session);
  }

  /** Who is here under that name, or one that reads the same. */
  named(name: string): Person | undefined {
    return this.#byName.get(nameKey(name));
  }

  [Symbol.dispose](): void {
    this.#folding?.[Symbol.dispose]();
    for (const person of this.#bySession.values()) {
      person.leaving?.[Symbol.dispose]();
      this.#hold(person);
    }
  }

  /** An operator may have such a name: it was given by whoever runs the machine. */
  #isReserved(name: string, session: string | undefined): boolean {
    return isReserved(name) && (session === undefined || this.#rules.nameOf(session) !== name);
  }

  #spoke(person: Present): void {
    this.#speakers.delete(person);
    this.#speakers.add(person);
    if (this.#speakers.size <= SPEAKERS) return;
    const [first] = this.#speakers;
    this.#speakers.delete(first!);
  }

  #remove(person: Present): void {
    this.#speakers.delete(person);
    this.#bySession.delete(person.session);
    this.#byName.delete(nameKey(person.name));
    this.#hold(person);
    this.#say({ type: "leave", name: person.name, count: this.count });
  }

  #hold({ heldAt, name, session, address }: Present): void {
    if (heldAt !== undefined) this.#held?.hold(name, { session, address });
  }

  #say(notice: Notice): void {
    // The one who leaves was one of them: the last to leave a crowd is told with the names that remain.
    const most = notice.type === "leave" ? this.count + 1 : this.count;
    if (most <= NAMES_AT_MOST && !this.#folding) return this.#announce(notice);
    this.#folding ??= this.#clock.after(FOLD_MS, () => {
      this.#folding = undefined;
      this.#announce(this.snapshot());
    });
  }
}

/** The people of both, in that order; those of the second that are not in the first. */
function* chain(
  first: readonly Present[],
  second: Iterable<Present>,
  known: ReadonlySet<Present>,
): Generator<Present> {
  yield* first;
  for (const person of second) if (!known.has(person)) yield person;
}
