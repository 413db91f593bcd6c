import type { PeopleView } from "../../lib/client/mod.ts";

/** At most so many names are remembered. */
const MOST = 50;

/** The people who spoke lately: they can be mentioned, whether they are still here or not. */
export class Speakers {
  #names: readonly string[] = [];

  /** `names` in the order in which they spoke. */
  spoke(names: readonly string[]): void {
    this.#names = [...new Set([...names.toReversed(), ...this.#names])].slice(0, MOST);
  }

  rename(from: string, name: string): void {
    this.#names = this.#names.map((other) => other === from ? name : other);
  }

  /** Everybody who can be mentioned: those who spoke lately, the last first, then all who are here. */
  with({ names }: Pick<PeopleView, "names">): readonly string[] {
    return [...new Set([...this.#names, ...names])];
  }
}
