/** The files of messages: taken in, stored once by their content, told apart by their bytes, removed. */

export { exportFiles, importFiles, withFileCount } from "./archive.ts";
export { backUpFiles, type FileBackup } from "./backup.ts";
export { inspectTable } from "./disk/table.ts";
export type { FilePool, PoolChange, PoolFile } from "./pool/pool.ts";
export type { References } from "./removal/references.ts";
export { FileStore } from "./store.ts";
export {
  FILE_DEFAULTS,
  type FileCounts,
  type FileSettings,
  type StoredFile,
} from "./stored_file.ts";
export { fileName } from "./name.ts";
export { noSpace } from "./space.ts";
