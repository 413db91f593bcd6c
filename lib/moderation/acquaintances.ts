import { nameKey } from "../names/mod.ts";

/** So many names are remembered, those that were seen last. */
const KEPT = 10_000;

/** Who had a name last. */
export interface Acquaintance {
  readonly name: string;
  readonly session: string | undefined;
  readonly address: string | undefined;
}

/** Who was here lately under which name: an operator may ban somebody who has just left. In memory. */
export class Acquaintances {
  /** By the key of the name; the one seen last is the last. */
  readonly #byKey = new Map<string, Acquaintance>();

  saw(person: Acquaintance): void {
    const key = nameKey(person.name);
    this.#byKey.delete(key);
    this.#byKey.set(key, person);
    if (this.#byKey.size <= KEPT) return;
    const [oldest] = this.#byKey.keys();
    this.#byKey.delete(oldest!);
  }

  find(name: string): Acquaintance | undefined {
    return this.#byKey.get(nameKey(name));
  }
}
