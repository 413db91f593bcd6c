/**
 * A value that is made of something that changes, and kept until it has changed. However many ask, one
 * making is under way at a time, and everybody gets a value that is no older than their question.
 */
export class Latest<T> {
  readonly #keyOf: () => string;
  readonly #make: () => Promise<T>;
  #kept: { readonly key: string; readonly value: T } | undefined;
  #making: { readonly key: string; readonly value: Promise<T> } | undefined;
  /** For all who ask while a value is being made that is too old for them. */
  #next: Promise<T> | undefined;

  /** `keyOf` gives another string as soon as `make` would give another value. */
  constructor(keyOf: () => string, make: () => Promise<T>) {
    this.#keyOf = keyOf;
    this.#make = make;
  }

  /** Rejects where the making does; who asks later has it tried again. */
  get(): Promise<T> {
    const key = this.#keyOf();
    if (this.#kept?.key === key) return Promise.resolve(this.#kept.value);
    if (this.#making === undefined) return this.#start(key);
    if (this.#making.key === key) return this.#making.value;
    return this.#next ??= this.#after(this.#making.value);
  }

  async #after(making: Promise<T>): Promise<T> {
    // best effort: that it failed is told to those who asked for it
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
