import { systemLoop } from "../base/event_loop.ts";
import { Folder } from "./disk/folder.ts";
import { ContentSource } from "./pool/content_source.ts";
import type { FilePool } from "./pool/pool.ts";
import { readTable } from "./disk/table.ts";
import { FileStore } from "./store.ts";

/** In a line: with a third more for base64, it is well below the limit of a line. */
const PIECE_BYTES = 32 * 1024;
const FILE_LINE = '{"type":"file",';

/** The files of a folder, as lines of an export. */
export interface FileLines {
  /** How many lines that begin a file there are. */
  readonly count: number;
  /** How many of those that were told so far have their bytes with other nodes, which were not asked. */
  readonly lacking: number;
  /**
   * The lines, without their ends: of each file one that says what follows, then its bytes. Of a file
   * that was removed since the count, nothing follows:
   *
   *     {"type":"file","id":"7f4a…","size":40000,"added":1795215600000}
   *     {"type":"bytes","data":"iVBORw0KGgo…"}
   *     {"type":"bytes","data":"…"}
   *     {"type":"file","id":"90b1…","gone":true}
   */
  lines(): AsyncGenerator<string>;
}

/** As of this moment, also while a server writes. `pool` has what other nodes have. */
export function exportFiles(path: string, pool?: FilePool): FileLines {
  const folder = new Folder(path);
  const source = new ContentSource(folder, pool);
  const rows = folder.isThere ? [...readTable(folder.table)] : [];
  return {
    count: rows.length,
    get lacking() {
      return source.lacking;
    },
    async *lines() {
      for (const { id, size, added } of rows) {
        const content = await source.open(id);
        if (!content) {
          yield JSON.stringify({ type: "file", id, gone: true });
          continue;
        }
        yield JSON.stringify({ type: "file", id, size, added });
        let count = 0;
        for await (const piece of inPieces(content)) {
          yield JSON.stringify({ type: "bytes", data: piece.toBase64() });
          count += piece.length;
        }
        if (count !== size) throw new Error(`file ${id} has ${count} of ${size} bytes`);
      }
    },
  };
}

/**
 * Takes the files out of the lines of an export, and puts them into a folder; the rest is passed on,
 * with an empty line for each that is taken, so that lines can be counted; with a pool, also there. Throws an Error where
 * something is not as it was exported, or files are missing; what has been stored by then no message
 * has, and the next server removes it.
 */
export async function* importFiles(
  path: string,
  lines: AsyncIterable<string>,
  pool?: FilePool,
): AsyncGenerator<string> {
  await using store = new FileStore(path, {
    limit: Infinity,
    total: Infinity,
    loop: systemLoop,
    pool,
    report: () => {}, // what is not known is kept as bytes
  });
  const reading = lines[Symbol.asyncIterator]();
  let [wanted, found] = [0, 0];
  for (let next = await reading.next(); !next.done; next = await reading.next()) {
    const line = next.value;
    if (!line.startsWith(FILE_LINE)) {
      wanted ||= filesIn(line);
      yield line;
      continue;
    }
    found++;
    const file = JSON.parse(line) as Record<string, unknown>;
    if (file.gone === true) {
      yield "";
      continue;
    }
    const { id, size, added } = parseFile(file);
    const bytes = bytesOf(reading, Math.ceil(size / PIECE_BYTES));
    const count = await store.restore({ id, added }, bytes);
    if (count !== size) throw new Error(`file ${id} has ${count} of ${size} bytes`);
    for (let i = 0; i <= Math.ceil(size / PIECE_BYTES); i++) yield "";
  }
  if (found !== wanted) throw new Error(`the export has ${found} of ${wanted} files`);
}

/** Says in the head of an export how many files follow. */
export function withFileCount(head: string, count: number): string {
  return count === 0 ? head : JSON.stringify({ ...JSON.parse(head), files: count });
}

function filesIn(line: string): number {
  if (!line.startsWith('{"type":"log",')) return 0;
  const { files } = JSON.parse(line) as Record<string, unknown>;
  return typeof files === "number" ? files : 0;
}

function parseFile({ id, size, added }: Record<string, unknown>) {
  if (typeof id !== "string" || !/^[0-9a-f]{64}$/.test(id)) {
    throw new Error(`"id" is none of a file`);
  }
  for (const [name, value] of Object.entries({ size, added })) {
    if (Number.isSafeInteger(value) && (value as number) >= 0) continue;
    throw new Error(`"${name}" must be a whole number from 0`);
  }
  return { id, size: size as number, added: added as number };
}

async function* bytesOf(
  reading: AsyncIterator<string>,
  count: number,
): AsyncGenerator<Uint8Array> {
  for (let i = 0; i < count; i++) {
    const next = await reading.next();
    const line: unknown = next.done ? undefined : JSON.parse(next.value);
    const { type, data } = (line ?? {}) as Record<string, unknown>;
    if (type !== "bytes" || typeof data !== "string") {
      throw new Error("the bytes of a file are missing");
    }
    yield Uint8Array.fromBase64(data);
  }
}

/** The same bytes, each piece but the last of the same length; a piece is good until the next one. */
async function* inPieces(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const buffer = new Uint8Array(PIECE_BYTES);
  let length = 0;
  for await (const chunk of chunks) {
    for (let from = 0; from < chunk.length;) {
      const part = chunk.subarray(from, from + PIECE_BYTES - length);
      buffer.set(part, length);
      length += part.length;
      from += part.length;
      if (length < PIECE_BYTES) continue;
      yield buffer;
      length = 0;
    }
  }
  if (length > 0) yield buffer.subarray(0, length);
}
