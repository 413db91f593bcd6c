import { createHash } from "node:crypto";
import { type Folder, openIfThere } from "../disk/folder.ts";
import type { FilePool } from "./pool.ts";

/** The contents of a folder that a server may be using, and of a pool where they are not there. */
export class ContentSource {
  readonly #folder: Folder;
  readonly #pool: FilePool | undefined;
  #lacking = 0;

  constructor(folder: Folder, pool?: FilePool) {
    this.#folder = folder;
    this.#pool = pool;
  }

  /** How many contents are with other nodes, where there is no pool to ask. */
  get lacking(): number {
    return this.#lacking;
  }

  /**
   * The bytes, in pieces of any length; undefined where they have been removed, or are with other nodes
   * alone. Throws where they are not those of the id, at the end, or the pool cannot be reached.
   */
  async open(id: string): Promise<AsyncIterable<Uint8Array> | undefined> {
    const file = await openIfThere(this.#folder.contentPath(id));
    if (file) return file.readable;
    const pooled = await this.#pool?.find(id);
    if (pooled?.state === "kept") return checked(id, this.#pool!.read(pooled.content));
    if (!this.#pool && this.#folder.isShared) this.#lacking++;
    return undefined;
  }
}

async function* checked(
  id: string,
  chunks: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  const hash = createHash("sha256");
  for await (const chunk of chunks) {
    hash.update(chunk);
    yield chunk;
  }
  if (hash.digest("hex") !== id) {
    throw new Error(`file ${id} has other bytes in NATS than were uploaded`);
  }
}
