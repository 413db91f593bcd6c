import type { Rate } from "../../../lib/base/rate_limit.ts";
import type { ChangeWish } from "../../../lib/client/mod.ts";
import type { Code } from "../../../lib/model/refusal.ts";

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

/** What somebody does: says something, or does something to what was said. */
export type Deed =
  | { readonly type: "message"; readonly text: string; readonly re?: number }
  | ChangeWish<number>;

/** Who does it, and under which id. */
export interface Actor {
  readonly sender: string;
  readonly from: string;
  readonly id: string | undefined;
}

/** Where it is; or the code of why it is not. */
export type Fate = { readonly seq: number; readonly duplicate: boolean } | Code;

/** A message as the model knows it. */
export interface Said {
  readonly sender: string;
  readonly from: string;
  readonly at: number;
  readonly re: number | undefined;
  text: string;
  edited: number | undefined;
  deleted: boolean;
  /** How often it was changed. */
  changes: number;
  /** By the emoji: of everybody who ever used it here, when they did so or took it back. */
  readonly reactions: Map<string, Map<string, { name: string; seq: number; on: boolean }>>;
}

/** What ought to be: the room without sockets, batches, pages, tails, projections or disks. */
export class Story {
  /** How many entries come after a reset. */
  readonly recent: number;
  readonly graceMs: number;
  /** All that were ever stored, kept or not; what is no message has no more than its type. */
  readonly entries: (Said | Deed["type"])[] = [];
  /** Of messages that were changed, the last change that everybody could have been told of. */
  readonly known = new Map<number, { readonly seq: number; readonly type: Deed["type"] }>();
  /** Messages as they were told, and how often what they tell had been changed when they were right. */
  readonly right = new WeakMap<object, number>();
  /** The oldest that is kept. */
  first = 1;
  now = 0;
  /** Of each session, since the server was started. */
  readonly #messages = new Map<string, Tokens>();
  readonly #renames = new Map<string, Tokens>();
  readonly #limits: StoryLimits;
  readonly #ids = new Map<string, { readonly seq: number; readonly what: string }>();
  readonly #here = new Map<string, Character>();
  /** Changes that are on their way. */
  #fresh: { readonly ref: number; readonly seq: number; readonly type: Deed["type"] }[] = [];

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

  /** A message that is kept. */
  message(seq: number): Said | undefined {
    const entry = seq < this.first ? undefined : this.entries[seq - 1];
    return typeof entry === "object" ? entry : undefined;
  }

  act(actor: Actor, deed: Deed): Fate {
    const { sender, id } = actor;
    const tokens = this.#messages.getOrInsertComputed(sender, () => new Tokens(this.#limits.rate));
    if (!tokens.take(this.now)) return "rate_limited";
    const key = `${sender} ${id}`;
    const what = JSON.stringify(deed);
    const known = id === undefined ? undefined : this.#ids.get(key);
    if (known) return known.what === what ? { seq: known.seq, duplicate: true } : "bad_request";
    const fate = this.#do(actor, deed);
    if (typeof fate === "object" && !fate.duplicate && id !== undefined) {
      this.#ids.set(key, { seq: fate.seq, what });
    }
    return fate;
  }

  #do({ sender, from }: Actor, deed: Deed): Fate {
    const seq = this.last + 1;
    const ref = deed.type === "message" ? deed.re : deed.ref;
    const there = ref === undefined || (ref >= this.first && ref <= this.last);
    if (!there) return "not_found";
    const target = ref === undefined ? undefined : this.message(ref);
    if (ref !== undefined && !target) return "bad_request";
    if (deed.type === "message") {
      const { text, re } = deed;
      const state = { text, edited: undefined, deleted: false, changes: 0, reactions: new Map() };
      this.entries.push({ sender, from, at: this.now, re, ...state });
      return { seq, duplicate: false };
    }
    if (target!.deleted) return "bad_request";
    if (deed.type === "reaction") {
      const who = target!.reactions.getOrInsertComputed(deed.emoji, () => new Map());
      const before = who.get(sender);
      if ((before?.on ?? false) === deed.on) return { seq: before?.seq ?? ref!, duplicate: true };
      who.set(sender, { name: from, seq, on: deed.on });
    } else if (target!.sender !== sender) return "forbidden";
    else if (deed.type === "edit") {
      target!.text = deed.text;
      target!.edited = this.now;
    } else target!.deleted = true;
    target!.changes++;
    this.entries.push(deed.type);
    this.#fresh.push({ ref: ref!, seq, type: deed.type });
    return { seq, duplicate: false };
  }

  /** Everything that was done is stored and announced. */
  settle(): void {
    for (const { ref, seq, type } of this.#fresh) this.known.set(ref, { seq, type });
    this.#fresh = [];
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
