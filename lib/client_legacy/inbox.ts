/** From callbacks to `for await`: what is pushed comes out in order, then the end. For one consumer. */
export class Inbox<T> implements AsyncIterableIterator<T> {
  readonly #items: T[] = [];
  #end: { readonly error?: Error } | undefined;
  #wake: (() => void) | undefined;

  push(item: T): void {
    if (this.#end) return;
    this.#items.push(item);
    this.#wake?.();
  }

  /** What was pushed before still comes out; with an error, that is thrown then. Only the first counts. */
  end(error?: Error): void {
    this.#end ??= error ? { error } : {};
    this.#wake?.();
  }

  async next(): Promise<IteratorResult<T>> {
    while (this.#items.length === 0) {
      if (this.#end?.error) throw this.#end.error;
      if (this.#end) return { value: undefined, done: true };
      await new Promise<void>((resolve) => this.#wake = resolve);
    }
    return { value: this.#items.shift()!, done: false };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
