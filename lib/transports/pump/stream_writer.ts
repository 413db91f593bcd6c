import type { Writer } from "./writer.ts";

/** Writes the body of a streaming response: each chunk when the one before it has been taken. */
export class StreamWriter implements Writer<Uint8Array> {
  /** For the response. */
  readonly body: ReadableStream<Uint8Array>;
  #controller!: ReadableStreamDefaultController<Uint8Array>;
  #chunks = 0;
  #over = false;
  /** Of the chunk that waits. */
  #bytes = 0;
  /** Set while a chunk waits to be taken. */
  #onTaken: ((more: boolean) => void) | undefined;

  /** `prelude` comes before all that is written; `onCancel`: the client has gone. */
  constructor(prelude: string, onCancel: () => void) {
    this.body = new ReadableStream<Uint8Array>({
      start: (controller) => {
        this.#controller = controller;
        if (prelude !== "") controller.enqueue(new TextEncoder().encode(prelude));
      },
      // Nothing is queued ahead: that the response asks for more says that it has taken the last chunk.
      pull: () => this.#settle(true),
      cancel: () => {
        this.abort();
        onCancel();
      },
    }, { highWaterMark: 0 });
  }

  write(chunk: Uint8Array): boolean | Promise<boolean> {
    if (this.#over) return false;
    const { promise, resolve } = Promise.withResolvers<boolean>();
    this.#onTaken = resolve;
    this.#bytes = chunk.length;
    this.#controller.enqueue(chunk);
    return promise;
  }

  taken(): number | undefined {
    return this.#onTaken ? this.#chunks : undefined;
  }

  buffered(): number {
    return this.#onTaken ? this.#bytes : 0;
  }

  abort(): void {
    this.#over = true;
    this.#settle(false);
  }

  /** Ends the response in order, after what was written. Idempotent. */
  end(): void {
    this.abort();
    try {
      this.#controller.close();
    } catch {
      // best effort: it was cancelled, or has ended already
    }
  }

  #settle(more: boolean): void {
    this.#chunks++;
    this.#onTaken?.(more);
    this.#onTaken = undefined;
  }
}
