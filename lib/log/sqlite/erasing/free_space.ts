import type { DatabaseSync } from "node:sqlite";
import { transaction } from "../file.ts";

/** Pages looked at in one go: a fraction of a millisecond. */
const PAGES = 64;
/** The kind of a page that holds rows. https://sqlite.org/fileformat2.html#b_tree_pages */
const ROWS = 13;
/** More of a row than that lies on pages of its own; the same for pages of 4,096 bytes and all others. */
const OUTSIDE_AT_MOST = 35;
/** `entries` has had so many columns at least, and no other table that holds rows by their number has. */
const COLUMNS_AT_LEAST = 6;
/** What a new length may take more in front of a row than the old one. */
const HEADS = 8;

/**
 * The free space in pages of entries. SQLite overwrites a row that is deleted, but not the copy that is
 * left in the free middle of a page when rows are moved from there to the page beside it: its text would
 * stay in the file, however the row itself ends. Where there is something in such a middle, the page is
 * put in order anew: SQLite does that, and writes zeros there, when a row grows by more than is free in
 * one piece.
 */
export class FreeSpace implements Disposable {
  readonly #db: DatabaseSync;
  readonly #file: Deno.FsFile;
  readonly #pageSize: number;
  readonly #bytes: Uint8Array<ArrayBuffer>;
  readonly #find;
  readonly #update;

  /** The database must be closed before this is: closing a file ends all locks of the process on it. */
  constructor(db: DatabaseSync, path: string) {
    this.#db = db;
    this.#file = Deno.openSync(path, { read: true });
    this.#pageSize = db.prepare("PRAGMA page_size").get()!.page_size as number;
    this.#bytes = new Uint8Array(PAGES * this.#pageSize);
    this.#find = db.prepare(
      `SELECT text, fields, length(CAST(text AS BLOB)) + coalesce(length(CAST(fields AS BLOB)), 0)
       AS size FROM entries WHERE seq = ?`,
    );
    this.#update = db.prepare("UPDATE entries SET text = ?, fields = ? WHERE seq = ?");
  }

  [Symbol.dispose](): void {
    this.#file.close();
  }

  /** Some pages of the file from one on: which of them are not clean, and where to go on, if anywhere. */
  look(from: number): { readonly unclean: readonly number[]; readonly next: number | undefined } {
    const read = this.#read(from, this.#bytes);
    const unclean: number[] = [];
    const count = Math.floor(read / this.#pageSize);
    for (let i = 0; i < count; i++) {
      const page = pageOf(this.#bytes.subarray(i * this.#pageSize, (i + 1) * this.#pageSize));
      if (page && !page.isClean) unclean.push(from + i);
    }
    return { unclean, next: count === PAGES ? from + PAGES : undefined };
  }

  /** Cleans a page. The file must be up to date: nothing is in the write-ahead log. */
  clean(number: number): void {
    const bytes = new Uint8Array(this.#pageSize);
    if (this.#read(number, bytes) < bytes.length) return;
    const page = pageOf(bytes);
    if (!page || page.isClean) return;
    transaction(this.#db, () => {
      // A second one, as the first may fit where it is when all that is free lies beside it.
      for (const row of page.rows) this.#grow(row, page.free);
    });
  }

  /** Lets a row have all that is free for a moment. */
  #grow({ seq, payload, cell }: PageRow, free: number): void {
    const row = this.#find.get(seq);
    if (!row) return;
    const atMost = this.#pageSize - OUTSIDE_AT_MOST;
    const size = Math.min(cell + free, atMost) - HEADS;
    const others = payload - (row.size as number);
    this.#update.run("x".repeat(Math.max(0, size - others - HEADS)), null, seq);
    this.#update.run(row.text as string, row.fields as string | null, seq);
  }

  /** Returns how many bytes there were. */
  #read(page: number, bytes: Uint8Array): number {
    this.#file.seekSync((page - 1) * this.#pageSize, Deno.SeekMode.Start);
    let read = 0;
    while (read < bytes.length) {
      const more = this.#file.readSync(bytes.subarray(read));
      if (more === null) break;
      read += more;
    }
    return read;
  }
}

interface Page {
  /** Whether its free middle is nothing but zeros. */
  readonly isClean: boolean;
  /** How many bytes of it are free, in all pieces. */
  readonly free: number;
  /** Its first row and its last. */
  readonly rows: readonly PageRow[];
}

interface PageRow {
  readonly seq: number;
  /** How long it is. */
  readonly payload: number;
  /** How much of it lies on this page, with its head. */
  readonly cell: number;
}

/** Undefined where it is no page of entries. */
function pageOf(bytes: Uint8Array): Page | undefined {
  if (bytes[0] !== ROWS) return undefined;
  const u16 = (at: number) => bytes[at]! << 8 | bytes[at + 1]!;
  const count = u16(3);
  const begin = 8 + 2 * count;
  const end = u16(5) || 65_536;
  if (count === 0 || end > bytes.length || begin > end) return undefined;
  const rows = new Set([u16(8), u16(begin - 2)]).values().map((at) => rowAt(bytes, at)).toArray();
  if (!rows.every((row) => row !== undefined)) return undefined;
  let free = end - begin + bytes[7]!;
  for (let block = u16(1); block !== 0 && block + 4 <= bytes.length; block = u16(block)) {
    free += u16(block + 2);
  }
  const isClean = bytes.subarray(begin, end).every((byte) => byte === 0);
  return { isClean, free, rows };
}

/** Undefined where it is none of entries. */
function rowAt(bytes: Uint8Array, at: number): PageRow | undefined {
  const payload = varint(bytes, at);
  const seq = varint(bytes, payload.next);
  if (columns(bytes, seq.next) < COLUMNS_AT_LEAST) return undefined;
  const local = localSize(payload.value, bytes.length);
  const cell = seq.next - at + local + (local < payload.value ? 4 : 0);
  return { seq: seq.value, payload: payload.value, cell };
}

/** How much of a row lies on its page. */
function localSize(payload: number, usable: number): number {
  const most = usable - OUTSIDE_AT_MOST;
  if (payload <= most) return payload;
  const least = Math.floor((usable - 12) * 32 / 255) - 23;
  const rest = least + (payload - least) % (usable - 4);
  return rest <= most ? rest : least;
}

/** How many columns a row has, by its head. */
function columns(bytes: Uint8Array, at: number): number {
  const head = varint(bytes, at);
  let count = 0;
  for (let next = head.next; next < at + head.value && next < bytes.length; count++) {
    next = varint(bytes, next).next;
  }
  return count;
}

function varint(bytes: Uint8Array, at: number): { readonly value: number; readonly next: number } {
  let value = 0;
  for (let i = 0; i < 8; i++) {
    const byte = bytes[at + i] ?? 0;
    value = value * 128 + (byte & 0x7f);
    if (byte < 0x80) return { value, next: at + i + 1 };
  }
  return { value: value * 256 + (bytes[at + 8] ?? 0), next: at + 9 };
}
