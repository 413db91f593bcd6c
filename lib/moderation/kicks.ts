import type { Measure } from "../model/measure.ts";
import { nameKey } from "../names/mod.ts";
import type { Registry } from "../registry/mod.ts";

/** A kick, for as long as it keeps somebody out. */
export interface Kick extends Measure {
  readonly type: "kick";
  readonly until: number;
}

/** Who was kicked. */
export interface Kicked {
  readonly session: string | undefined;
  readonly name: string;
  readonly kick: Kick;
}

const KIND = "kick";

/** Kicks that are not over, at all nodes. In memory: with the last node they are gone. */
export class Kicks {
  readonly #registry: Registry;
  /** By the key of the name. */
  readonly #byName = new Map<string, Kicked>();
  readonly #bySession = new Map<string, Kicked>();

  /** `onTaken` is told of those of other nodes. */
  constructor(registry: Registry, onTaken: (kicked: Kicked) => void) {
    this.#registry = registry;
    registry.sharing.add({
      kind: KIND,
      lasts: false,
      ids: () => [],
      read: (key) => this.#byName.get(key),
      take: (key, row) => {
        const kicked = row as Kicked | undefined;
        this.#remove(key);
        if (!kicked) return;
        this.#put(key, kicked);
        onTaken(kicked);
      },
    });
  }

  get isEmpty(): boolean {
    return this.#byName.size === 0;
  }

  add(kicked: Kicked): void {
    const key = nameKey(kicked.name);
    this.#remove(key);
    this.#put(key, kicked);
    this.#registry.sharing.changed(KIND, key);
  }

  delete(name: string): void {
    const key = nameKey(name);
    this.#remove(key);
    this.#registry.sharing.changed(KIND, key);
  }

  /** What keeps out that session, or whoever has a name of that key. `now` in milliseconds since 1970. */
  find(
    { session, key }: { readonly session?: string | undefined; readonly key?: string | undefined },
    now: number,
  ): Kick | undefined {
    for (const [key, { kick }] of this.#byName) if (kick.until <= now) this.#remove(key);
    return (session === undefined ? undefined : this.#bySession.get(session)?.kick) ??
      (key === undefined ? undefined : this.#byName.get(key)?.kick);
  }

  #put(key: string, kicked: Kicked): void {
    this.#byName.set(key, kicked);
    if (kicked.session !== undefined) this.#bySession.set(kicked.session, kicked);
  }

  #remove(key: string): void {
    const kicked = this.#byName.get(key);
    this.#byName.delete(key);
    if (kicked?.session !== undefined) this.#bySession.delete(kicked.session);
  }
}
