import type { Clock } from "../base/clock.ts";
import { unavailable } from "../model/refusal.ts";
import { nameKey } from "../names/mod.ts";
import type { BucketChange } from "../nats/mod.ts";
import type { NeighbourListener, Neighbours, Resident } from "../room/people/neighbours.ts";
import type { Bus, Table } from "./bus.ts";
import type { Nodes } from "./nodes.ts";
import { type Known, RosterView } from "./roster_view.ts";
import { formatRow, type Row } from "./row.ts";

/** What is left of nodes that ended is gone after it; so is what the table keeps of names that were freed. */
export const ROW_MS = 60 * 60 * 1000;
/** Each row is written again so often. */
const REFRESH_MS = ROW_MS / 3;
/** After a row could not be written. */
const AGAIN_MS = 2000;
/** Whoever comes in, or is renamed, waits for no longer than this where NATS does not answer. */
const ANSWER_MS = 3000;
/** So many rows are written at once where there are many to write. */
const AT_ONCE = 100;

export interface RosterOptions {
  readonly clock: Clock;
  readonly bus: Bus;
  readonly nodes: Nodes;
  /** Has a TTL of `ROW_MS`. */
  readonly table: Table;
  readonly report: (what: string, error?: unknown) => void;
}

/**
 * Who is at which node, and under which name: a table with one row for each name, which says whose it
 * is and at which nodes that session is. A row is changed by compare and set, so a name is one
 * session's; and it is as good as gone where none of its nodes is alive, so nothing is renewed for
 * people one by one but once in a long while. All nodes are told the rows in one order.
 */
export class Roster implements Omit<Neighbours, "notify">, AsyncDisposable {
  readonly #options: RosterOptions;
  readonly #view = new RosterView();
  /** What the people of this node have, or are to have. */
  readonly #own = new Map<string, Resident>();
  /** By session: what is being written. */
  readonly #writing = new Map<string, Promise<void>>();
  /** By session: the name that the listener was told. */
  readonly #told = new Map<string, string>();
  #listener: NeighbourListener | undefined;
  #watching: AsyncDisposable | undefined;
  #reconnects: Disposable | undefined;
  /** How what was asked is given up. */
  readonly #asking = new Set<() => void>();
  #refreshing: Disposable | undefined;
  #again: Disposable | undefined;
  #closed = false;

  private constructor(options: RosterOptions) {
    this.#options = options;
  }

  /** Resolves when all rows that there are have been told. */
  static async open(options: RosterOptions): Promise<Roster> {
    const roster = new Roster(options);
    const { nodes, table, bus } = options;
    roster.#watching = await table.watch((change) => roster.#changed(change));
    nodes.follow({
      alive: (node) => roster.#lookAt(node),
      dead: (node) => {
        roster.#lookAt(node);
        void roster.#bury();
      },
      expired: () => roster.#expired(),
    });
    roster.#reconnects = bus.watch((connected) => {
      if (connected) roster.#back();
      else for (const fail of [...roster.#asking]) fail();
    });
    roster.#refreshLater();
    return roster;
  }

  get connected(): boolean {
    return this.#options.bus.connected;
  }

  follow(listener: NeighbourListener): void {
    this.#listener = listener;
    for (const session of [...this.#view.sessions]) this.#tell(session);
  }

  async claim(person: Resident): Promise<boolean> {
    const { session } = person;
    const before = this.#own.get(session);
    const called = this.#view.newest(session, (row) => this.#isHere(row));
    this.#own.set(session, person);
    const isRename = called !== undefined && called.name !== person.name;
    let isOurs = false;
    try {
      await this.#write(session, async () => {
        try {
          isOurs = await this.#take(person, isRename);
        } finally {
          if (!isOurs && this.#own.get(session) === person) this.#restore(session, before);
        }
      });
    } catch (cause) {
      throw unavailable("names cannot be claimed at the moment", 5, cause);
    }
    return isOurs;
  }

  release(session: string): void {
    this.#own.delete(session);
    this.#tidy(session);
  }

  /** The rows of this node stay: its people are about to come in at others. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    this.#refreshing?.[Symbol.dispose]();
    this.#again?.[Symbol.dispose]();
    this.#reconnects?.[Symbol.dispose]();
    await this.#watching?.[Symbol.asyncDispose]();
  }

  #changed({ key, entry, revision }: BucketChange): void {
    if (revision !== undefined) this.#look(this.#view.told(key, entry?.value, revision));
    // All of the key that was written before has been told.
    if (!entry) this.#look(this.#view.forget(key, revision));
  }

  #set(key: string, value: string | undefined, revision: number): void {
    this.#look(this.#view.set(key, value, revision));
  }

  #look(sessions: Iterable<string>): void {
    for (const session of sessions) this.#tell(session);
    for (const session of sessions) this.#check(session);
  }

  #lookAt(node: string): void {
    const sessions = new Set<string>();
    for (const [, { row }] of this.#view.all) {
      if (row?.nodes.includes(node)) sessions.add(row.session);
    }
    this.#look(sessions);
  }

  /** Says what has become of a session at the other nodes, if anything has. */
  #tell(session: string): void {
    if (!this.#listener) return;
    const told = this.#told.get(session);
    const isElsewhere = this.#view.of(session).some(([, row]) => this.#isElsewhere(row));
    if (!isElsewhere) {
      if (this.#told.delete(session)) this.#listener.gone(session);
      return;
    }
    const { name, address } = this.#view.newest(session, (row) => this.#isHere(row))!;
    if (told === name) return;
    this.#told.set(session, name);
    this.#listener.here({ session, name, address });
  }

  /** Sees that the table says of a session what this node wants. */
  #check(session: string): void {
    if (this.#closed || this.#writing.has(session)) return;
    const own = this.#own.get(session);
    if (own && !this.#isRight(own)) return this.#listener?.lost(session);
    if (this.#stale(session)) this.#tidy(session);
  }

  #isRight({ session, name }: Resident): boolean {
    const row = this.#view.get(nameKey(name))?.row;
    return row?.session === session && row.name === name && row.nodes.includes(this.#self);
  }

  /** A row that says that the session is at this node, where it is not, or not under that name. */
  #stale(session: string): [string, Row] | undefined {
    const own = this.#own.get(session);
    const key = own && nameKey(own.name);
    return this.#view.of(session).find(([each, row]) =>
      each !== key && row.nodes.includes(this.#self)
    );
  }

  /** One after the other for each session; looks at what has come of it after the last. */
  #write(session: string, write: () => Promise<void>): Promise<void> {
    const before = this.#writing.get(session);
    const writing = before ? before.then(write, write) : write();
    this.#writing.set(session, writing);
    const done = () => {
      if (this.#writing.get(session) !== writing) return;
      this.#writing.delete(session);
      return true;
    };
    // What was told meanwhile was not looked at. Where it could not be written, `back` looks at it.
    writing.then(() => done() && this.#check(session), done);
    return writing;
  }

  /** Takes this node out of the rows of a session where it is not to be. */
  #tidy(session: string): void {
    if (!this.connected) return;
    this.#write(session, () => this.#leaveStale(session)).catch(() => {
      if (this.#closed) return;
      this.#again ??= this.#options.clock.after(AGAIN_MS, () => {
        this.#again = undefined;
        this.#back();
      });
    });
  }

  /** Whether the row of the name is this person's now. */
  async #take(person: Resident, isRename: boolean): Promise<boolean> {
    const { session, name, address } = person;
    const key = nameKey(name);
    while (!this.#isRight(person)) {
      if (!this.connected) {
        throw new Error("cannot claim a name: NATS is away, wanted it connected");
      }
      const known = this.#view.get(key);
      if (known?.row && known.row.session !== session && this.#isTaken(key, known.row)) {
        return false;
      }
      const same = known?.row?.session === session ? known.row : undefined;
      const prior = isRename ? this.#view.newest(session, (row) => this.#isHere(row)) : undefined;
      const others = [...same?.nodes ?? [], ...prior?.nodes ?? []];
      const nodes = new Set([...others.filter((node) => this.#nodes.isAlive(node)), this.#self]);
      const renames = prior ? prior.renames + 1 : same?.renames ?? 0;
      await this.#put(key, { session, name, address, nodes: [...nodes], renames });
    }
    await this.#leaveStale(session);
    return true;
  }

  async #leaveStale(session: string): Promise<void> {
    for (let stale; (stale = this.#stale(session));) {
      const [key, row] = stale;
      // Where it is a name from before, the other nodes of the session are in the row of the new one.
      const newest = this.#view.newest(session, (each) => each.renames > row.renames);
      const isLeft = (node: string) =>
        node === this.#self || !this.#nodes.isAlive(node) || newest?.nodes.includes(node);
      await this.#put(key, { ...row, nodes: row.nodes.filter((node) => !isLeft(node)) });
    }
  }

  /** Writes a row, or removes one without nodes, if it is still as it is known; else learns what it is. */
  async #put(key: string, row: Row): Promise<void> {
    const { table } = this.#options;
    const known = this.#view.get(key);
    if (row.nodes.length === 0) {
      if (known?.row && await this.#ask(table.delete(key, known.revision))) {
        return this.#unset(key, known);
      }
    } else {
      const value = formatRow(row);
      const revision = await this.#ask(
        known?.row ? table.update(key, value, known.revision) : table.create(key, value),
      );
      if (revision !== undefined) return this.#set(key, value, revision);
    }
    const entry = await this.#ask(table.get(key));
    if (entry) this.#set(key, entry.value, entry.revision);
    else if (known) this.#unset(key, known);
  }

  /** The answer; or rejects, as soon as it is clear that there is none in time. */
  #ask<T>(answer: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const fail = () =>
        reject(new Error("cannot ask for a name: no answer from NATS, wanted one"));
      const timer = this.#options.clock.after(ANSWER_MS, fail);
      this.#asking.add(fail);
      answer.then(resolve, reject).finally(() => {
        timer[Symbol.dispose]();
        this.#asking.delete(fail);
      });
    });
  }

  /** There is no row since what was known. */
  #unset(key: string, { revision }: Known): void {
    this.#set(key, undefined, revision + 1);
  }

  /** Whether the session of the row is here under that name, and not only was. */
  #isTaken(key: string, row: Row): boolean {
    const own = this.#own.get(row.session);
    if (own && nameKey(own.name) === key) return true;
    if (!this.#isElsewhere(row)) return false;
    return this.#view.newest(row.session, (each) => this.#isHere(each)) === row;
  }

  #restore(session: string, before: Resident | undefined): void {
    if (before) this.#own.set(session, before);
    else this.#own.delete(session);
  }

  /** Others may have taken the names of this node's people. */
  #expired(): void {
    for (const session of [...this.#own.keys()]) this.#listener?.lost(session);
  }

  #back(): void {
    for (const session of [...this.#own.keys(), ...this.#view.sessions]) this.#check(session);
  }

  /** Takes dead nodes out of the rows. That they count as gone does not depend on it. */
  async #bury(): Promise<void> {
    if (!this.#nodes.isFirst || !this.connected) return;
    const isAlive = (node: string) => this.#nodes.isAlive(node);
    const hasDead = (row: Row | undefined) => row !== undefined && !row.nodes.every(isAlive);
    const keys = [...this.#view.all].filter(([, { row }]) => hasDead(row)).map(([key]) => key);
    try {
      await inPortions(keys, async (key) => {
        const row = this.#view.get(key)?.row;
        if (row && hasDead(row)) await this.#put(key, { ...row, nodes: row.nodes.filter(isAlive) });
      });
    } catch (error) {
      this.#options.report("cannot remove what a node has left; it is tried again", error);
    }
  }

  #refreshLater(): void {
    this.#refreshing = this.#options.clock.after(REFRESH_MS, () => {
      this.#refreshLater();
      void this.#refresh();
      void this.#bury();
    });
  }

  async #refresh(): Promise<void> {
    const { report } = this.#options;
    try {
      await inPortions([...this.#own.values()], async ({ name }) => {
        const key = nameKey(name);
        const known = this.#view.get(key);
        if (!known?.row?.nodes.includes(this.#self)) return;
        await this.#put(key, known.row);
      });
    } catch (error) {
      if (this.connected) report("cannot renew the names of people; it is tried again", error);
    }
  }

  get #nodes(): Nodes {
    return this.#options.nodes;
  }

  get #self(): string {
    return this.#nodes.own;
  }

  #isHere({ nodes }: Row): boolean {
    return nodes.some((node) => this.#nodes.isAlive(node));
  }

  #isElsewhere({ nodes }: Row): boolean {
    return nodes.some((node) => node !== this.#self && this.#nodes.isAlive(node));
  }
}

async function inPortions<T>(items: readonly T[], act: (item: T) => Promise<void>): Promise<void> {
  for (let at = 0; at < items.length; at += AT_ONCE) {
    await Promise.all(items.slice(at, at + AT_ONCE).map(act));
  }
}
