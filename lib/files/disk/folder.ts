import { exists } from "../../base/sqlite/without_traces.ts";
import { StartupError } from "../../base/startup_error.ts";

/** Where a store has its files: each content under its id, and what is coming in beside them. */
export class Folder {
  readonly path: string;
  readonly table: string;
  readonly #incoming: string;
  /** Is there where the table has files whose contents may be with other nodes. */
  readonly #mark: string;
  readonly #isShared: boolean;
  #count = 0;

  constructor(path: string, isShared = false) {
    this.path = path;
    this.table = `${path}/index.db`;
    this.#incoming = `${path}/incoming`;
    this.#mark = `${path}/shared`;
    this.#isShared = isShared;
  }

  /** Whether contents may be with other nodes, as whoever used it last has said. */
  get isShared(): boolean {
    return exists(this.#mark);
  }

  /**
   * Where it was a folder of its own and is shared from now on, what is in it belongs to another room:
   * it gets another name, which is returned. Throws a StartupError.
   */
  setAside(): string | undefined {
    if (!this.#isShared || !this.isThere || this.isShared) return undefined;
    let number = 1;
    while (exists(`${this.path}-before-${number}/index.db`)) number++;
    const aside = `${this.path}-before-${number}`;
    try {
      Deno.renameSync(this.path, aside);
    } catch (cause) {
      throw this.#cannotWrite(cause);
    }
    return aside;
  }

  /** Whether it has been used. */
  get isThere(): boolean {
    return exists(this.table);
  }

  /**
   * Makes what is missing, for its owner alone, and removes what had not come in wholly when the
   * server ended. Throws a StartupError.
   */
  prepare(): void {
    try {
      Deno.mkdirSync(this.path, { recursive: true, mode: 0o700 });
      Deno.mkdirSync(this.#incoming, { recursive: true, mode: 0o700 });
      for (const { name } of Deno.readDirSync(this.#incoming)) {
        Deno.removeSync(`${this.#incoming}/${name}`);
      }
      if (this.#isShared) {
        Deno.openSync(this.#mark, { create: true, write: true, mode: 0o600 }).close();
      } else if (this.isShared) Deno.removeSync(this.#mark);
    } catch (cause) {
      throw this.#cannotWrite(cause);
    }
  }

  /** For a file that is coming in: nobody else has this path. */
  incoming(): string {
    return `${this.#incoming}/${++this.#count}`;
  }

  /** Of a content. An id is what the table has, and nothing that came from outside. */
  contentPath(id: string): string {
    return `${this.path}/${id}`;
  }

  has(id: string): boolean {
    return exists(this.contentPath(id));
  }

  /** Puts what has come in into its place; it is there for good once `sync` has resolved. */
  keep(incoming: string, id: string): Promise<void> {
    return Deno.rename(incoming, this.contentPath(id));
  }

  /** Nothing happens where it is not there. */
  async remove(id: string): Promise<void> {
    await removeFile(this.contentPath(id));
  }

  /** Resolves when what was put and removed is so on the disk. */
  async sync(): Promise<void> {
    if (Deno.build.os === "windows") return; // there a folder cannot be opened
    using folder = await Deno.open(this.path, { read: true });
    await folder.sync();
  }

  #cannotWrite(cause: unknown): StartupError {
    return new StartupError(
      `cannot write to ${this.path}: ${(cause as Error).message}; make it writable, or use ` +
        "another --data directory",
      { cause },
    );
  }
}

/** To be read, and closed by the caller; undefined where it is not there. */
export async function openIfThere(path: string): Promise<Deno.FsFile | undefined> {
  try {
    return await Deno.open(path, { read: true });
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

/** Nothing happens where it is not there. */
export async function removeFile(path: string): Promise<void> {
  try {
    await Deno.remove(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}
