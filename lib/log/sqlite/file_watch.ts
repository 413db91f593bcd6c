import type { Clock } from "../../base/clock.ts";

/** Between two looks; what is stored meanwhile in a file that was removed is lost. */
const LOOK_MS = 2000;

/**
 * Watches whether the names of open files still name them, until one does not, or until disposed. A
 * process notices nothing by itself when a file it writes to is removed: writing goes on, into a file
 * that is gone when it is closed.
 */
export class FileWatch implements Disposable {
  readonly #files: readonly { readonly path: string; readonly file: Deno.FsFile }[];
  readonly #clock: Clock;
  readonly #onLook: (lost: string | undefined) => void;
  #timer: Disposable | undefined;

  /**
   * Opens the files, and looks from now on, calling `onLook` each time with the first path that is
   * gone or names another file now. An SQLite file must be closed before this is disposed: closing
   * any descriptor of a file takes the process's POSIX locks on it away.
   */
  constructor(paths: readonly string[], clock: Clock, onLook: (lost: string | undefined) => void) {
    this.#files = paths.map((path) => ({ path, file: Deno.openSync(path, { read: true }) }));
    this.#clock = clock;
    this.#onLook = onLook;
    this.#look();
  }

  [Symbol.dispose](): void {
    this.#timer?.[Symbol.dispose]();
    for (const { file } of this.#files) file.close();
  }

  #look(): void {
    const lost = this.#files.find(({ path, file }) => !names(path, file))?.path;
    if (lost === undefined) this.#timer = this.#clock.after(LOOK_MS, () => this.#look());
    this.#onLook(lost);
  }
}

function names(path: string, file: Deno.FsFile): boolean {
  try {
    const [named, opened] = [Deno.statSync(path), file.statSync()];
    return named.ino === opened.ino && named.dev === opened.dev;
  } catch (error) {
    const { NotFound, NotADirectory } = Deno.errors;
    // What else can fail (a disk that does not answer) says nothing about the name.
    return !(error instanceof NotFound || error instanceof NotADirectory);
  }
}
