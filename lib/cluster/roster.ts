import type { Clock } from "../base/clock.ts";
import { unavailable } from "../model/refusal.ts";
import { nameKey } from "../names/mod.ts";
import type { NeighbourListener, Neighbours, Resident } from "../room/people/neighbours.ts";
import type { Bus, Table } from "./bus.ts";
import { NameTable } from "./name_table.ts";
import type { Nodes } from "./nodes.ts";
import type { Row } from "./row.ts";

/** What is left of nodes that ended is gone after it; so is what the table keeps of names that were freed. */
export const ROW_MS = 60 * 60 * 1000;
/** Each row is written again so often. */
const REFRESH_MS = ROW_MS / 3;
/** After a row could not be written. */
const AGAIN_MS = 2000;
/** So often in a row a row is another's just before it is written only where something is wrong. */
const TRIES = 100;
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
  readonly #names: NameTable;
  /** What the people of this node have, or are to have. */
  readonly #own = new Map<string, Resident>();
  /** By session: what is being written. */
  readonly #writing = new Map<string, Promise<void>>();
  /** By session: the name that the listener was told. */
  readonly #told = new Map<string, string>();
  #listener: NeighbourListener | undefined;
  #reconnects: Disposable | undefined;
  #refreshing: Disposable | undefined;
  #again: Disposable | undefined;
  #closed = false;

  private constructor(options: RosterOptions) {
    this.#options = options;
    this.#names = new NameTable({ ...options, onChange: (sessions) => this.#look(sessions) });
  }

  /** Resolves when all rows that there are have been told. */
  static async open(options: RosterOptions): Promise<Roster> {
    const roster = new Roster(options);
    const { nodes, bus } = options;
    await roster.#names.follow();
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
    });
    roster.#refreshLater();
    return roster;
  }

  get connected(): boolean {
    return this.#options.bus.connected;
  }

  follow(listener: NeighbourListener): void {
    this.#listener = listener;
    for (const session of [...this.#names.view.sessions]) this.#tell(session);
  }

  async claim(person: Resident): Promise<boolean> {
    const { session } = person;
    const before = this.#own.get(session);
    const called = this.#names.view.newest(session, (row) => this.#isHere(row));
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
    await this.#names[Symbol.asyncDispose]();
  }

  #look(sessions: Iterable<string>): void {
    for (const session of sessions) this.#tell(session);
    for (const session of sessions) this.#check(session);
  }

  #lookAt(node: string): void {
    const sessions = new Set<string>();
    for (const [, { row }] of this.#names.view.all) {
      if (row?.nodes.includes(node)) sessions.add(row.session);
    }
    this.#look(sessions);
  }

  /** Says what has become of a session at the other nodes, if anything has. */
  #tell(session: string): void {
    if (!this.#listener) return;
    const told = this.#told.get(session);
    const isElsewhere = this.#names.view.of(session).some(([, row]) => this.#isElsewhere(row));
    if (!isElsewhere) {
      if (this.#told.delete(session)) this.#listener.gone(session);
      return;
    }
    const { name, address } = this.#names.view.newest(session, (row) => this.#isHere(row))!;
    if (told === name) return;
    this.#told.set(session, name);
    this.#listener.here({ session, name, address });
  }

  /** Sees that the table says of a session what this node wants. */
  #check(session: string): void {
    if (this.#closed || this.#writing.has(session)) return;
    const own = this.#own.get(session);
    if (own && !this.#isRight(own)) return this.#listener?.lost(session);
    const told = this.#told.get(session);
    if (own && told !== undefined && told !== own.name) {
      // It was renamed at another node while this one claimed the name before.
      return this.#listener?.here({ ...own, name: told });
    }
    if (this.#stale(session)) this.#tidy(session);
  }

  #isRight({ session, name }: Resident): boolean {
    const row = this.#names.view.get(nameKey(name))?.row;
    return row?.session === session && row.name === name && row.nodes.includes(this.#self);
  }

  /** A row that says that the session is at this node, where it is not, or not under that name. */
  #stale(session: string): [string, Row] | undefined {
    const own = this.#own.get(session);
    const key = own && nameKey(own.name);
    return this.#names.view.of(session).find(([each, row]) =>
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
    const newest = () => this.#names.view.newest(session, (row) => this.#isHere(row));
    for (let tries = 1; !this.#isRight(person) || isRename && newest()?.name !== name; tries++) {
      if (!this.connected || tries > TRIES) {
        throw new Error("cannot claim a name: NATS is away, or says no without a reason");
      }
      const known = this.#names.view.get(key);
      if (known?.row && known.row.session !== session && this.#isTaken(key, known.row)) {
        return false;
      }
      const same = known?.row?.session === session ? known.row : undefined;
      const prior = isRename ? newest() : undefined;
      const others = [...same?.nodes ?? [], ...prior?.nodes ?? []];
      const nodes = new Set([...others.filter((node) => this.#nodes.isAlive(node)), this.#self]);
      const renames = prior ? prior.renames + 1 : same?.renames ?? 0;
      await this.#names.put(key, { session, name, address, nodes: [...nodes], renames });
    }
    await this.#leaveStale(session);
    return true;
  }

  async #leaveStale(session: string): Promise<void> {
    for (let stale; (stale = this.#stale(session));) {
      const [key, row] = stale;
      // Where it is a name from before, the other nodes of the session are in the row of the new one.
      const newest = this.#names.view.newest(session, (each) => each.renames > row.renames);
      const isLeft = (node: string) =>
        node === this.#self || !this.#nodes.isAlive(node) || newest?.nodes.includes(node);
      await this.#names.put(key, { ...row, nodes: row.nodes.filter((node) => !isLeft(node)) });
    }
  }

  /** Whether the session of the row is here under that name, and not only was. */
  #isTaken(key: string, row: Row): boolean {
    const own = this.#own.get(row.session);
    if (own && nameKey(own.name) === key) return true;
    if (!this.#isElsewhere(row)) return false;
    return this.#names.view.newest(row.session, (each) => this.#isHere(each)) === row;
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
    for (const session of [...this.#own.keys(), ...this.#names.view.sessions]) this.#check(session);
  }

  /** Takes dead nodes out of the rows. That they count as gone does not depend on it. */
  async #bury(): Promise<void> {
    if (!this.#nodes.isFirst || !this.connected) return;
    const isAlive = (node: string) => this.#nodes.isAlive(node);
    const hasDead = (row: Row | undefined) => row !== undefined && !row.nodes.every(isAlive);
    const keys = [...this.#names.view.all].filter(([, { row }]) => hasDead(row)).map(([key]) =>
      key
    );
    try {
      await inPortions(keys, async (key) => {
        const row = this.#names.view.get(key)?.row;
        if (row && hasDead(row)) {
          await this.#names.put(key, { ...row, nodes: row.nodes.filter(isAlive) });
        }
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
        const known = this.#names.view.get(key);
        if (!known?.row?.nodes.includes(this.#self)) return;
        await this.#names.put(key, known.row);
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
