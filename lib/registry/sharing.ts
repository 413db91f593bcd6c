/** A kind of what is remembered that holds at all nodes of a room: rows, each with an id. */
export interface SharedRows {
  readonly kind: string;
  /** Whether a row stays until it is changed; others are over by themselves, after a month at the latest. */
  readonly lasts: boolean;
  /** Of all rows that are here. */
  ids(): Iterable<string>;
  /** What JSON can say; undefined where there is no such row. */
  read(id: string): unknown;
  /** Another node has that row now, or, where it is undefined, removed it: the same is to hold here. */
  take(id: string, row: unknown): void;
}

/** What of the registry holds at all nodes: each says what it has changed, and takes what others have. */
export class Sharing {
  readonly #kinds = new Map<string, SharedRows>();
  /** Called when a row was changed here. What it is now is to be read later: it may not be written yet. */
  onChanged: (kind: string, id: string) => void = () => {};

  get kinds(): IterableIterator<SharedRows> {
    return this.#kinds.values();
  }

  find(kind: string): SharedRows | undefined {
    return this.#kinds.get(kind);
  }

  add(rows: SharedRows): void {
    this.#kinds.set(rows.kind, rows);
  }

  changed(kind: string, id: string): void {
    this.onChanged(kind, id);
  }
}
