import type { UploadedFile } from "../disk/table.ts";

/** A file of the room, as all nodes know it. */
export interface PoolFile extends UploadedFile {
  /** What its bytes are called in the pool: another name each time that they are put there. */
  readonly content: string;
  /**
   * `leaving`: a node has found that no message has it. No message gets it from then on, and after a
   * while, when all that were just being stored are known, somebody looks again. `erased`: no message
   * will have it, and its bytes are being removed.
   */
  readonly state: "kept" | "leaving" | "erased";
}

/** What becomes of a file: what it is given where nothing is to be done, undefined where it is gone. */
export type PoolChange = (file: PoolFile | undefined) => PoolFile | undefined;

/**
 * The files that the nodes of a room share: an index, and the bytes. What is asked rejects with a
 * Refusal, `unavailable`, where the pool cannot be reached, within a few seconds.
 */
export interface FilePool {
  /** Throws that Refusal where it is known by now that the pool cannot be reached. */
  check(): void;
  /** As everybody sees it: what was changed before the call is known. */
  find(id: string): Promise<PoolFile | undefined>;
  /**
   * Makes of a file what `change` makes of it, which is asked again where somebody else was quicker.
   * Resolves with what is there then.
   */
  update(id: string, change: PoolChange): Promise<PoolFile | undefined>;
  /**
   * Tells all files there are, and then each that has changed, also after interruptions, until it is
   * disposed; undefined is one that is gone. Resolves when all have been told that were there.
   */
  follow(listener: (id: string, file: PoolFile | undefined) => void): Promise<AsyncDisposable>;
  /** Puts bytes there. Rejects with a Refusal (status 507) where the pool has no space for them. */
  write(content: string, bytes: ReadableStream<Uint8Array>): Promise<void>;
  /** Throws NotFound, at the first chunk, where there are none under that name. */
  read(content: string): AsyncIterable<Uint8Array>;
  /** Removes bytes, so that they are in no file of the pool. Nothing happens where there are none. */
  erase(content: string): Promise<void>;
}
