/** So many who spoke lately are remembered. */
const SPOKE_LATELY = 50;

/**
 * Who is here, as the notices tell it. Where the server leaves the names out (above 200 people) only
 * the count is known, and who speaks.
 */
export class People {
  count = 0;
  /** In the order of the alphabet. */
  names: readonly string[] = [];
  #spoke: readonly string[] = [];

  /** Whom one may want to speak to: those who spoke lately, the last first, and all who are here. */
  get known(): readonly string[] {
    return [...new Set([...this.#spoke, ...this.names])];
  }

  /** In the order in which they did. */
  spoke(names: readonly string[]): void {
    this.#spoke = [...new Set([...names.toReversed(), ...this.#spoke])].slice(0, SPOKE_LATELY);
  }

  set(count: number, names: readonly string[] | undefined): void {
    this.count = count;
    this.names = sorted(names ?? []);
  }

  join(name: string, count: number): void {
    this.count = count;
    if (this.#listed(count - 1)) this.names = sorted([...this.names, name]);
  }

  leave(name: string, count: number): void {
    this.count = count;
    this.names = this.names.filter((other) => other !== name);
  }

  rename(from: string, name: string): void {
    const renamed = (other: string) => other === from ? name : other;
    this.names = sorted(this.names.map(renamed));
    this.#spoke = this.#spoke.map(renamed);
  }

  /** Whether all of so many are known by name. */
  #listed(count: number): boolean {
    return this.names.length === count;
  }
}

function sorted(names: readonly string[]): string[] {
  const order = new Intl.Collator(undefined, { numeric: true });
  return [...new Set(names)].sort(order.compare);
}
