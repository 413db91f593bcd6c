/** The writing side of one connection. Only its pump writes to it. */
export interface Writer<T extends string | Uint8Array> {
  /**
   * Hands data over. True: more may follow at once; a promise: when it resolves, with whether more may
   * follow at all. False: nobody is there any more. Not to be called again before that.
   */
  write(data: T): boolean | Promise<boolean>;
  /**
   * How much the peer has taken so far, in a unit of the writer's own that only grows; undefined while
   * nothing waits to be taken.
   */
  taken(): number | undefined;
  /** Bytes (of text: UTF-16 units) handed over that the peer has not taken, as far as is known. */
  buffered(): number;
  /** Gives the peer up: what waits is dropped, and nothing more is written. */
  abort(): void;
}
