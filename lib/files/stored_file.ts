import type { FileRow } from "./disk/table.ts";

/** What the operator allows. */
export interface FileSettings {
  /** Bytes of a file; with 0 there are no uploads. */
  readonly limit: number;
  /** Bytes of all files together. */
  readonly total: number;
}

/** A photograph as a telephone makes it has half of that; the rest is what a small disk can spare. */
export const FILE_DEFAULTS: FileSettings = { limit: 10 * 2 ** 20, total: 2 ** 30 };

/** Who uploads, and what they say of it. */
export interface UploadOptions {
  /** Undefined for an upload without a session. */
  readonly session: string | undefined;
  /** As it was wished for. */
  readonly name: string | undefined;
  /** How many bytes will come, where that was said. */
  readonly announced?: number | undefined;
}

/** A file that can be read. */
export interface StoredFile extends FileRow {
  /** Whether a browser may show it in its place. */
  readonly isShown: boolean;
  /**
   * Rejects with NotFound where it has been removed since, and with a Refusal, `unavailable`, where its
   * bytes are with other nodes and cannot be had. The caller closes it.
   */
  open(): Promise<Deno.FsFile>;
}

/** What has happened since the start, for the metrics. */
export interface FileCounts {
  uploads: number;
  uploadedBytes: number;
  removed: number;
}
