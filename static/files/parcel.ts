import type { FileInfo } from "../../lib/model/message.ts";

/** A file of a message that is on its way. */
export interface PackedFile {
  readonly blob: Blob;
  readonly name: string;
  readonly width?: number | undefined;
  readonly height?: number | undefined;
  /** What the server said of it, once it is there. */
  readonly info?: FileInfo | undefined;
}

/** What a message with files is made of: as it is kept in the browser's database. */
export interface PackedMessage {
  /** That of the message: with it, it is never said twice. */
  readonly id: string;
  readonly text: string;
  readonly re?: number | string | undefined;
  /** When it was sent, in milliseconds since the Unix epoch. */
  readonly at: number;
  readonly files: readonly PackedFile[];
}

/**
 * `preparing`: its pictures are made ready; `waiting`: for its turn, or for the server; `failed`: until it
 * is tried again; `said`: all files are there, and the message is the outbox's.
 */
export type ParcelState = "preparing" | "waiting" | "uploading" | "failed" | "said";

/** A message with files, on its way. */
export interface Parcel extends PackedMessage {
  readonly state: ParcelState;
  /** Why it failed, or waits. */
  readonly code?: string | undefined;
  /** Bytes that have been sent of all its files. */
  readonly sent: number;
  /** It would survive a reload, as far as we know. */
  readonly kept: boolean;
}

/** The bytes of all files. */
export function sizeOf({ files }: Pick<PackedMessage, "files">): number {
  return files.reduce((sum, { blob }) => sum + blob.size, 0);
}

/** Whether what the database held is one. */
export function isPackedMessage(value: unknown): value is PackedMessage {
  const { id, text, at, files } = Object(value) as Partial<PackedMessage>;
  return typeof id === "string" && typeof text === "string" && typeof at === "number" &&
    Array.isArray(files) && files.every((file) => Object(file).blob instanceof Blob);
}
