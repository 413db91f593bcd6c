/** Collects items and hands them over together with the next frame, so that they are drawn at once. */
export class FrameQueue<T> {
  readonly #draw: (items: readonly T[]) => void;
  #items: T[] = [];
  #waiting = false;

  constructor(draw: (items: readonly T[]) => void) {
    this.#draw = draw;
  }

  /** The newest item that waits. */
  get last(): T | undefined {
    return this.#items.at(-1);
  }

  add(items: readonly T[]): void {
    this.#items.push(...items);
    if (this.#waiting) return;
    this.#waiting = true;
    // A hidden page has no frames.
    if (document.hidden) setTimeout(() => this.flush());
    else requestAnimationFrame(() => this.flush());
  }

  /** Hands over now what waits. */
  flush(): void {
    this.#waiting = false;
    const items = this.#items.splice(0);
    if (items.length > 0) this.#draw(items);
  }

  clear(): void {
    this.#items = [];
  }
}
