/**
 * From callbacks to iteration: what is pushed comes out in order, then the end. For one consumer, which
 * takes items one by one or all that wait.
 */
export class Inbox<T> {
  readonly #given: (item: T) => void;
  #items: T[] = [];
  /** Before it, everything has been taken. */
  #at = 0;
  #end: { readonly error?: unknown } | undefined;
  #wake: (() => void) | undefined;

  /** `given` is called with each item as it is handed to the consumer. */
  constructor(given: (item: T) => void) {
    this.#given = given;
  }

  /** How many items wait to be taken. */
  get size(): number {
    return this.#items.length - this.#at;
  }

  push(item: T): void {
    if (this.#end) return;
    this.#items.push(item);
    this.#wake?.();
  }

  /** What was pushed before still comes out; with an error, that is thrown then. Only the first counts. */
  end(error?: unknown): void {
    this.#end ??= error === undefined ? {} : { error };
    this.#wake?.();
  }

  /** The next item; without a promise of its own to wait for where there is one. */
  next(): Promise<IteratorResult<T>> {
    if (this.size === 0) return this.#whenReady((ready) => ready ? this.next() : DONE);
    const value = this.#items[this.#at++]!;
    this.#forgetTaken();
    this.#given(value);
    return Promise.resolve({ value, done: false });
  }

  /** All that wait, once there is any. */
  nextBatch(): Promise<IteratorResult<readonly T[]>> {
    if (this.size === 0) return this.#whenReady((ready) => ready ? this.nextBatch() : DONE);
    const value = this.#items.slice(this.#at);
    this.#at = this.#items.length;
    this.#forgetTaken();
    for (const item of value) this.#given(item);
    return Promise.resolve({ value, done: false });
  }

  /** Memory is given back when all is taken, and in a long backlog now and then. */
  #forgetTaken(): void {
    if (this.#at < this.#items.length && this.#at < 1000) return;
    this.#items = this.#items.slice(this.#at);
    this.#at = 0;
  }

  async #whenReady<R>(then: (ready: boolean) => R | Promise<R>): Promise<R> {
    if (this.#wake) throw new Error("cannot read the events: somebody else does already");
    while (this.size === 0 && !this.#end) {
      await new Promise<void>((resolve) => this.#wake = resolve);
      this.#wake = undefined;
    }
    if (this.size > 0) return then(true);
    if (this.#end && "error" in this.#end) throw this.#end.error;
    return then(false);
  }
}

const DONE: IteratorReturnResult<undefined> = { value: undefined, done: true };
