import { countedSize, Space } from "../space.ts";
import { Folder } from "./folder.ts";
import { type Incoming, takeIn } from "./incoming.ts";
import { type FileRow, FileTable, type Upload, type UploadedFile } from "./table.ts";

/** What has come in, and is to be put into its place. */
export interface Storing {
  readonly incoming: Incoming;
  readonly row: FileRow;
  readonly upload?: Upload;
}

/**
 * A folder of contents and the table of them, changed by one after the other. The folder is made when
 * it is first opened. The caller ends what is coming in before it disposes.
 */
export class Shelf implements AsyncDisposable {
  /** Where what was in the folder before is now. */
  readonly aside: string | undefined;
  readonly #folder: Folder;
  readonly #total: number;
  #table: FileTable | undefined;
  #space: Space;
  #count = 0;
  #storing: (Storing & { readonly done: PromiseWithResolvers<void> })[] = [];
  #lane: Promise<unknown> = Promise.resolve();

  /**
   * `isShared`: contents may be with other nodes, so that what was a folder of its own before is set
   * aside. Throws a StartupError where the folder is there and cannot be used.
   */
  constructor(
    path: string,
    { total, isShared = false }: { readonly total: number; readonly isShared?: boolean },
  ) {
    this.#folder = new Folder(path, isShared);
    this.#total = total;
    this.#space = new Space(total, 0);
    this.aside = this.#folder.setAside();
    if (this.#folder.isThere) this.open();
  }

  /** Undefined where there are no files yet. */
  get table(): FileTable | undefined {
    return this.#table;
  }

  get space(): Space {
    return this.#space;
  }

  /** How many files there are. */
  get count(): number {
    return this.#count;
  }

  /** Makes the folder where there is none. Throws a StartupError. */
  open(): FileTable {
    if (this.#table) return this.#table;
    this.#folder.prepare();
    const table = new FileTable(this.#folder.table);
    const { count, bytes } = table.sum(countedSize);
    this.#space = new Space(this.#total, bytes);
    this.#count = count;
    return this.#table = table;
  }

  /** Whether the content is here. */
  has(id: string): boolean {
    return this.#folder.has(id);
  }

  /** Rejects with NotFound where the content is not here. The caller closes it. */
  read(id: string): Promise<Deno.FsFile> {
    return Deno.open(this.#folder.contentPath(id), { read: true });
  }

  /** As `takeIn`, beside the contents: whoever does not store it removes it. */
  takeIn(
    chunks: AsyncIterable<Uint8Array>,
    onBytes: (bytes: number) => void,
  ): Promise<Incoming> {
    return takeIn(this.#folder.incoming(), chunks, onBytes);
  }

  /**
   * Resolves when it is on the disk. What arrives while the folder is being changed is stored together.
   */
  store(storing: Storing): Promise<void> {
    const done = Promise.withResolvers<void>();
    this.#storing.push({ ...storing, done });
    if (this.#storing.length === 1) this.change(() => this.#storeAll());
    return done.promise;
  }

  /** Puts a content into its place, where the table has it still; resolves with whether it has. */
  keep({ path, id }: Incoming): Promise<boolean> {
    return this.change(async () => {
      if (!this.#table?.find(id)) return false;
      await this.#folder.keep(path, id);
      await this.#folder.sync();
      return true;
    });
  }

  /** First the contents, then the table: what is cut off between is removed again. Within `change`. */
  async remove(ids: readonly string[]): Promise<void> {
    const table = this.#table!;
    const sizes = ids.map((id) => table.find(id)!.size);
    for (const id of ids) await this.#folder.remove(id);
    await this.#folder.sync();
    table.remove(ids);
    for (const size of sizes) this.#space.remove(size);
    this.#count -= ids.length;
  }

  /** Puts files into the table whose contents may be elsewhere. Within `change`. */
  note(files: readonly UploadedFile[]): void {
    const table = this.open();
    const added = files.filter(({ id }) => table.find(id) === undefined);
    table.put(files);
    this.#added(added);
  }

  /** Does something to the folder while nobody else does. */
  change<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#lane.then(work);
    this.#lane = done.catch(() => {}); // whoever asked for it is told
    return done;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#lane;
    this.#table?.[Symbol.dispose]();
    this.#table = undefined;
  }

  /** First the table, then the contents: no content is ever there that the table does not have. */
  async #storeAll(): Promise<void> {
    const all = this.#storing.splice(0);
    try {
      const table = this.#table!;
      const added = new Map(
        all.filter(({ row }) => !table.find(row.id)).map(({ row }) => [row.id, row]),
      );
      table.add(all);
      this.#added([...added.values()]);
      for (const { incoming: { path, id } } of all) {
        if (!this.#folder.has(id)) await this.#folder.keep(path, id);
      }
      await this.#folder.sync();
      for (const { done } of all) done.resolve();
    } catch (error) {
      for (const { done } of all) done.reject(error);
    }
  }

  #added(rows: readonly FileRow[]): void {
    for (const { size } of rows) this.#space.add(size);
    this.#count += rows.length;
  }
}
