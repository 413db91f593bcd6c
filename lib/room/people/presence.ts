import type { Clock } from "../../base/clock.ts";
import { type Rate, RateLimit } from "../../base/rate_limit.ts";
import type { FoundPeople, Notice, PresenceNotice } from "../../model/events.ts";
import { fold } from "../../model/search/fold.ts";
import { isReserved } from "../../names/mod.ts";
import { guestName, nextFree } from "../../model/names.ts";
import {
  nameReserved,
  nameTaken,
  rateLimited,
  type Refusal,
  unavailable,
} from "../../model/refusal.ts";
import { type HeldNames, RENEW_MS } from "../identity/held_names.ts";
import { NO_RULES, type Rules } from "../rules.ts";
import { Announcer } from "./announcer.ts";
import { Claims } from "./claims.ts";
import type { NeighbourListener, Neighbours, Resident } from "./neighbours.ts";
import { type Person, Roll } from "./roll.ts";

export type { Person } from "./roll.ts";

/** A person, with what the rest of the program need not know. */
interface Present extends Person {
  name: string;
  /** The name as it is looked up. */
  folded: string;
  /** At this node. */
  connections: number;
  /** Where its newest connection comes from. */
  address: string;
  /** Since it has said something under this name, which stays its own then; when that was written last. */
  heldAt: number | undefined;
  /** Set from the end of the last connection to the leave notice. */
  leaving: Disposable | undefined;
  /** Whether it is at another node, too or only. */
  elsewhere: boolean;
}

export interface PresenceOptions {
  readonly graceMs: number;
  /** Of each person, each of which everybody is told of; no limit where undefined. */
  readonly renames?: Rate | undefined;
  /** Names of people who are away; without it a name is free as soon as they have left. */
  readonly held?: HeldNames | undefined;
  /** Says who is an operator, and which names are kept. */
  readonly rules?: Rules;
  /** The other nodes, where this is one of several. */
  readonly neighbours?: Neighbours | undefined;
  readonly announce: (notice: Notice) => void;
  /** Where renames that come too often are counted. */
  readonly limited?: { renames: number };
}

/**
 * Who is here, by session: two tabs of one person are one name, also at two nodes. Says each change
 * once, through `announce`, in the order in which it happened.
 */
export class Presence implements Disposable {
  readonly #clock: Clock;
  readonly #options: PresenceOptions;
  readonly #renames: RateLimit | undefined;
  readonly #held: HeldNames | undefined;
  readonly #rules: Rules;
  readonly #roll: Roll<Present>;
  readonly #announcer: Announcer;
  readonly #claims: Claims | undefined;

  constructor(clock: Clock, options: PresenceOptions) {
    const { renames, held, rules = NO_RULES, neighbours } = options;
    this.#clock = clock;
    this.#options = options;
    this.#held = held;
    this.#rules = rules;
    this.#renames = renames && new RateLimit(renames, clock);
    this.#roll = new Roll((session) => rules.isOperator(session));
    const snapshot = () => this.snapshot();
    this.#announcer = new Announcer(clock, { announce: options.announce, snapshot });
    if (!neighbours) return;
    this.#claims = new Claims(clock, neighbours);
    neighbours.follow(this.#listener());
  }

  /** At all nodes. */
  get count(): number {
    return this.#roll.count;
  }

  /** At this node: of those who are at several, each counts them. */
  get countHere(): number {
    return [...this.#roll.all].filter((person) => this.#isOwn(person)).length;
  }

  snapshot(): PresenceNotice {
    return this.#roll.snapshot();
  }

  /** See `Roll.lookUp`. */
  lookUp(part: string, limit: number): FoundPeople {
    return this.#roll.lookUp(part, limit);
  }

  /**
   * Why a session cannot have the name, or undefined where it can: one that reads the same may belong
   * to somebody here, to somebody who is away, to an operator, or to the server. Nobody in particular
   * asks where `session` is left out.
   */
  taken(name: string, session?: string): Refusal | undefined {
    if (this.#isReserved(name, session)) return nameReserved(name);
    if (this.#rules.isKept(name, session)) return nameTaken(name);
    if (this.#claims?.isUnderWay(name, session)) return nameTaken(name);
    const here = this.#roll.named(name);
    if (here) return here.session === session ? undefined : nameTaken(name);
    const held = this.#held?.find(name);
    if (!held || held.session === session) return undefined;
    return nameTaken(name, held.until - this.#clock.now());
  }

  /** The session that a name is held for while it is away. */
  heldBy(name: string): string | undefined {
    return this.#held?.find(name)?.session;
  }

  /** The name that a session would get on coming in: `name`, else the next free one, else a guest's. */
  free(name: string, session: string): string {
    const isTaken = (name: string) => this.taken(name, session) !== undefined;
    return nextFree(this.#isReserved(name, session) ? guestName() : name, isTaken);
  }

  /**
   * For a session that is about to enter: once this resolves, it is here at all nodes, under a name
   * that is nobody else's, and leaves after the grace period where it does not enter. Where the other
   * nodes cannot be asked it is not here yet: it can enter, and has its name for certain once they can.
   * Does nothing where there are no other nodes. Never rejects.
   */
  async arrive(session: string, wished: string, address = ""): Promise<void> {
    if (!this.#claims || this.#isOwn(this.#roll.find(session))) return;
    const claimed = await this.#claims.arrive(session, () => {
      const name = this.#roll.find(session)?.name ?? this.free(wished, session);
      return { session, name, address };
    });
    if (this.#isOwn(this.#roll.find(session))) return;
    if (!claimed) return this.#claims.release(session);
    const person = this.#roll.find(session) ?? this.#come(claimed);
    this.#leaveLater(person);
    if (person.name !== claimed.name) this.#settle(person);
  }

  /**
   * One connection more for a session. A person who is here keeps their name; one who comes gets
   * `name`, or where that is taken the next free one. A person who is about to leave has not left.
   */
  enter(session: string, name: string, address = ""): Person {
    const here = this.#roll.find(session);
    const person = here ?? this.#come({ session, name: this.free(name, session), address });
    person.connections++;
    if (here) {
      person.address = address;
      person.leaving?.[Symbol.dispose]();
      person.leaving = undefined;
    }
    this.#settle(person);
    return person;
  }

  /** Somebody says something: from then on the name is theirs, also for a while after they left. */
  speak(session: string, name: string, address = ""): void {
    const here = this.#roll.find(session);
    if (here) this.#roll.spoke(here);
    if (!here) {
      this.#rules.saw(name, session, address);
      this.#held?.hold(name, { session, address });
    } else if (this.#held && here.name === name) {
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
    const person = this.#roll.find(session);
    if (!person || person.connections === 0 || --person.connections > 0) return;
    if (goodbye) this.#left(person);
    else this.#leaveLater(person);
  }

  /**
   * Throws a Refusal where the name belongs to somebody else, or the person is renamed too often. Where
   * there are other nodes, the promise resolves once it is done, or rejects with such a Refusal.
   */
  rename(session: string, name: string): Promise<void> | undefined {
    const person = this.#roll.find(session);
    if (!person || person.name === name) return;
    const why = this.taken(name, session);
    if (why) throw why;
    const waitMs = this.#renames?.take(session) ?? 0;
    if (waitMs > 0) {
      if (this.#options.limited) this.#options.limited.renames++;
      throw rateLimited(waitMs, "you change your name too often");
    }
    if (!this.#claims) return this.#rename(person, name);
    return this.#claims.change(person, name).then((isOurs) => {
      if (!isOurs) throw nameTaken(name);
      if (this.#roll.find(session) === person) this.#rename(person, name);
      if (!this.#isOwn(person) && !this.#claims!.isArriving(session)) {
        this.#claims!.release(session);
      }
    });
  }

  find(session: string): Person | undefined {
    return this.#roll.find(session);
  }

  /** Who is here under that name, or one that reads the same. */
  named(name: string): Person | undefined {
    return this.#roll.named(name);
  }

  /** Throws a Refusal, `unavailable`, while it may be that somebody at another node has the same name. */
  checkName(session: string | undefined): void {
    const person = session === undefined ? undefined : this.#roll.find(session);
    if (!this.#claims || !person || !this.#isOwn(person)) return;
    if (this.#claims.has(person)) return;
    throw unavailable("it is not certain yet that your name is nobody else's", 1);
  }

  [Symbol.dispose](): void {
    this.#announcer[Symbol.dispose]();
    this.#claims?.[Symbol.dispose]();
    for (const person of this.#roll.all) {
      person.leaving?.[Symbol.dispose]();
      if (this.#isOwn(person)) this.#hold(person);
    }
  }

  #listener(): NeighbourListener {
    return {
      here: (resident) => this.#here(resident),
      gone: (session) => {
        const person = this.#roll.find(session);
        if (!person) return;
        person.elsewhere = false;
        if (!this.#isOwn(person)) this.#remove(person);
      },
      lost: (session) => {
        const person = this.#roll.find(session);
        this.#claims!.lost(session);
        if (person && this.#isOwn(person)) this.#settle(person);
      },
      notice: (notice) => this.#options.announce(notice),
    };
  }

  /** Another node has somebody, under a name that is theirs. */
  #here({ session, name, address }: Resident): void {
    const here = this.#roll.find(session);
    const other = this.#roll.named(name);
    if (other && other.session !== session) this.#giveWay(other, session);
    if (here && here.name !== name) this.#rename(here, name);
    const person = here ?? this.#come({ session, name, address });
    person.elsewhere = true;
    if (this.#isOwn(person)) this.#settle(person);
  }

  /** Somebody of this node had a name that was not certain, and it is another's. */
  #giveWay(person: Present, session: string): void {
    using _theirs = this.#claims!.begin(person.name, session);
    this.#rename(person, this.free(person.name, person.session));
    this.#settle(person);
  }

  /** An operator may have such a name: it was given by whoever runs the machine. */
  #isReserved(name: string, session: string | undefined): boolean {
    return isReserved(name) && (session === undefined || this.#rules.nameOf(session) !== name);
  }

  /** Whether the person is at this node. */
  #isOwn(person: Present | undefined): boolean {
    return person !== undefined && (person.connections > 0 || person.leaving !== undefined);
  }

  #come({ session, name, address }: Resident): Present {
    const person: Present = {
      session,
      name,
      folded: fold(name),
      connections: 0,
      address,
      heldAt: this.#held?.find(name) && -Infinity, // in any case it is written anew
      leaving: undefined,
      elsewhere: false,
    };
    this.#roll.add(person);
    this.#rules.saw(name, session, address);
    const operator = this.#rules.isOperator(session) ? { operator: true } as const : {};
    this.#announcer.say({ type: "join", name, count: this.count, ...operator });
    return person;
  }

  #settle(person: Present): void {
    this.#claims?.settle(person);
  }

  #rename(person: Present, name: string): undefined {
    const from = person.name;
    if (from === name) return;
    if (this.#isOwn(person)) this.#hold(person);
    this.#roll.rename(person, name);
    person.heldAt = this.#held?.find(name) && -Infinity;
    this.#rules.saw(name, person.session, person.address);
    this.#options.announce({ type: "rename", from, name });
  }

  #leaveLater(person: Present): void {
    person.leaving = this.#clock.after(this.#options.graceMs, () => this.#left(person));
  }

  /** This node. */
  #left(person: Present): void {
    person.leaving = undefined;
    this.#claims?.release(person.session);
    this.#hold(person);
    if (!person.elsewhere) this.#remove(person);
  }

  #remove(person: Present): void {
    this.#roll.remove(person);
    this.#announcer.say({ type: "leave", name: person.name, count: this.count });
  }

  #hold({ heldAt, name, session, address }: Present): void {
    if (heldAt !== undefined) this.#held?.hold(name, { session, address });
  }
}
