import { createHash } from "node:crypto";
import { removeFile } from "./folder.ts";

/** Hashed and written at a time, which takes a tenth of a millisecond. */
const PIECE_BYTES = 64 * 1024;
/**
 * After so many it is waited for the disk. Pieces are written to the system's memory at once, which is
 * quicker than to have it done: that takes a copy of each, and a hundred uploads took half a gigabyte.
 * So that the system never makes a writer wait, not much may be in its memory alone.
 */
const UNSYNCED_BYTES = 2 * 1024 * 1024;

/** What has come in: on the disk, under a name that nobody knows yet. */
export interface Incoming {
  readonly path: string;
  /** SHA-256 of the bytes, in hexadecimal digits. */
  readonly id: string;
  readonly size: number;
}

/**
 * Writes what comes to a new file, a piece at a time, and syncs it. `onBytes` is told how many bytes
 * came, before they are written, and may throw. Rejects with what that or the chunks throw, or the disk
 * does; then the file is gone.
 */
export async function takeIn(
  path: string,
  chunks: AsyncIterable<Uint8Array>,
  onBytes: (bytes: number) => void,
): Promise<Incoming> {
  const hash = createHash("sha256");
  let size = 0;
  let unsynced = 0;
  try {
    using file = await Deno.open(path, { write: true, createNew: true, mode: 0o600 });
    for await (const chunk of chunks) {
      onBytes(chunk.length);
      for (let from = 0; from < chunk.length; from += PIECE_BYTES) {
        const piece = chunk.subarray(from, from + PIECE_BYTES);
        hash.update(piece);
        writeAll(file, piece);
      }
      size += chunk.length;
      unsynced += chunk.length;
      if (unsynced < UNSYNCED_BYTES) continue;
      await file.syncData();
      unsynced = 0;
    }
    await file.sync();
  } catch (error) {
    await removeFile(path);
    throw error;
  }
  return { path, id: hash.digest("hex"), size };
}

function writeAll(file: Deno.FsFile, bytes: Uint8Array): void {
  for (let written = 0; written < bytes.length;) {
    written += file.writeSync(bytes.subarray(written));
  }
}
