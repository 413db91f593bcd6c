/**
 * A value derived from something that changes: made when it is first asked for, and kept until its
 * key changes. At most one making is under way at a time, shared by all callers; each caller gets a
 * value made for the key at the time of the call, or a later one.
 */
export class Latest<T> {
  readonly #keyOf: () => string;
  readonly #make: () => Promise<T>;
  #kept: { readonly key: string; readonly value: T } | undefined;
  #making: { readonly key: string; readonly value: Promise<T> } | undefined;
  /** For callers that came while a value for an older key was being made. */
  #next: Promise<T> | undefined;

  /** The key must change whenever `make` would resolve with another value. */
  constructor(keyOf: () => string, make: () => Promise<T>) {
    this.#keyOf = keyOf;
    this.#make = make;
  }

  /** Rejects if the making does; the next call tries again. */
  get(): Promise<T> {
    const key = this.#keyOf();
    if (this.#kept?.key === key) return Promise.resolve(this.#kept.value);
    if (this.#making === undefined) return this.#start(key);
    if (this.#making.key === key) return this.#making.value;
    return this.#next ??= this.#after(this.#making.value);
  }

  async #after(making: Promise<T>): Promise<T> {
    // best effort: the callers that asked for this making are told of its failure
    await making.catch(() => {});
    this.#next = undefined;
    return this.get();
  }

  #start(key: string): Promise<T> {
    const value = this.#finish(key, this.#make());
    this.#making = { key, value };
    return value;
  }

  async #finish(key: string, making: Promise<T>): Promise<T> {
    try {
      const value = await making;
      this.#kept = { key, value };
      return value;
    } finally {
      this.#making = undefined;
    }
  }
}
