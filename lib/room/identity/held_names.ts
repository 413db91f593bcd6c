import type { Clock } from "../../base/clock.ts";
import { nameKey } from "../../names/mod.ts";
import type { HeldName, HeldNameTable } from "../../registry/mod.ts";

/** Its present name, and those it had before it was renamed. */
const OF_A_SESSION = 3;
/** Far more than the people behind one address; and a tenth of the bound for all would be no bound. */
const OF_AN_ADDRESS = 200;
const IN_ALL = 10_000;
/** A session that goes on speaking has its name written again so often at most. */
export const RENEW_MS = 60 * 60 * 1000;

export interface HeldNamesOptions {
  readonly clock: Clock;
  /** How long a name belongs to its session after it was last renewed. */
  readonly holdMs: number;
  readonly table: Pick<HeldNameTable, "read" | "put" | "remove" | "onTaken">;
  /** Whom an address stands for. */
  readonly addressKey: (address: string) => string;
}

/** Whose a name is to be. */
export interface Holder {
  readonly session: string;
  /** Where it comes from. */
  readonly address: string;
}

/**
 * Names that belong to a session for a while after it left, also across restarts. Where a session, an
 * address, or all together hold too many, the one among them that would end first is free.
 */
export class HeldNames {
  readonly #options: HeldNamesOptions;
  // All three in the order in which they end, since each is held for as long from its last renewal.
  readonly #names = new Map<string, HeldName>();
  readonly #bySession = new Map<string, Set<string>>();
  readonly #byAddress = new Map<string, Set<string>>();

  constructor(options: HeldNamesOptions) {
    this.#options = options;
    const now = options.clock.now();
    // Where names are held for less long than before the restart, these are, too.
    const longest = now + options.holdMs;
    for (const held of options.table.read(now)) {
      this.#add({ ...held, until: Math.min(held.until, longest) });
    }
    options.table.onTaken = (key, held) => this.#take(key, held);
  }

  /** Whose the name is, and for how long if nobody renews it; undefined where it is free. */
  find(name: string): HeldName | undefined {
    const held = this.#names.get(nameKey(name));
    if (!held || held.until > this.#options.clock.now()) return held;
    this.#drop(held);
    return undefined;
  }

  /** Holds a name that is nobody else's for its session, for the whole time from now on. */
  hold(name: string, { session, address }: Holder): void {
    const { clock, holdMs, addressKey, table } = this.#options;
    const key = nameKey(name);
    const now = clock.now();
    const known = this.#names.get(key);
    if (known?.session === session && known.until - now > holdMs - Math.min(RENEW_MS, holdMs / 2)) {
      return;
    }
    if (known) this.#forget(known);
    const held = { key, session, address: addressKey(address), until: now + holdMs };
    this.#add(held);
    table.put(held);
    this.#bound(this.#bySession.get(session)!, OF_A_SESSION);
    this.#bound(this.#byAddress.get(held.address)!, OF_AN_ADDRESS);
    this.#bound(this.#names, IN_ALL);
    for (const first of this.#names.values()) {
      if (first.until > now) break;
      this.#drop(first);
    }
  }

  get size(): number {
    return this.#names.size;
  }

  /** Another node holds it: for as long as it says, and bounded there. */
  #take(key: string, held: HeldName | undefined): void {
    const known = this.#names.get(key);
    if (known) this.#forget(known);
    if (held && held.until > this.#options.clock.now()) this.#add(held);
  }

  #bound(keys: { readonly size: number; keys(): Iterator<string> }, most: number): void {
    if (keys.size > most) this.#drop(this.#names.get(keys.keys().next().value!)!);
  }

  #drop(held: HeldName): void {
    this.#forget(held);
    this.#options.table.remove(held.key);
  }

  #add(held: HeldName): void {
    this.#names.set(held.key, held);
    addTo(this.#bySession, held.session, held.key);
    addTo(this.#byAddress, held.address, held.key);
  }

  #forget({ key, session, address }: HeldName): void {
    this.#names.delete(key);
    removeFrom(this.#bySession, session, key);
    removeFrom(this.#byAddress, address, key);
  }
}

function addTo(sets: Map<string, Set<string>>, owner: string, key: string): void {
  const keys = sets.get(owner);
  if (keys) keys.add(key);
  else sets.set(owner, new Set([key]));
}

function removeFrom(sets: Map<string, Set<string>>, owner: string, key: string): void {
  const keys = sets.get(owner);
  keys?.delete(key);
  if (keys?.size === 0) sets.delete(owner);
}
