/** The files of messages: taken in, stored once by their content, told apart by their bytes, removed. */

export type { References } from "./removal/references.ts";
export {
  FILE_DEFAULTS,
  type FileCounts,
  type FileSettings,
  FileStore,
  type StoredFile,
} from "./store.ts";
export { fileName } from "./name.ts";
