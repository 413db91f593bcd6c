/**
 * Who is here, as the notices tell it. Where the server leaves the names out (above 200 people) only
 * the count is known.
 */
export class People {
  count = 0;
  /** In the order of the alphabet. */
  names: readonly string[] = [];

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
    this.names = sorted(this.names.map((other) => other === from ? name : other));
  }

  /** Whether all of so many are known by name. */
  #listed(count: number): boolean {
    return this.names.length === count;
  }
}

function sorted(names: readonly string[]): string[] {
  return [...new Set(names)].sort((a, b) => a.localeCompare(b));
}
