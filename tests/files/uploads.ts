import { systemLoop } from "../../lib/base/event_loop.ts";
import { FILE_DEFAULTS, FileStore, type References } from "../../lib/files/mod.ts";
import type { Entry } from "../../lib/model/message.ts";

/** Messages as far as a store asks, which a test changes by hand. */
export class FakeMessages implements References {
  readonly files = new Set<string>();
  /** Called when it is asked for a file. */
  onAsked = (_id: string) => {};
  caughtUp?: () => Promise<void>;
  readonly #listeners = new Set<(entries: readonly Entry[]) => void>();

  hasFile(id: string): Promise<boolean> {
    this.onAsked(id);
    return Promise.resolve(this.files.has(id));
  }

  watch(listener: (entries: readonly Entry[]) => void): Disposable {
    this.#listeners.add(listener);
    return { [Symbol.dispose]: () => void this.#listeners.delete(listener) };
  }

  /** As a log that has stored them. */
  tell(...entries: Entry[]): void {
    for (const listener of this.#listeners) listener(entries);
  }
}

type StoreOptions = ConstructorParameters<typeof FileStore>[1];

/** A store that fails the test where it reports something. */
export function openStore(path: string, options: Partial<StoreOptions> = {}): FileStore {
  return new FileStore(path, {
    ...FILE_DEFAULTS,
    loop: systemLoop,
    report(what, error) {
      throw new Error(what, { cause: error });
    },
    ...options,
  });
}

/** Bytes in pieces, as they come over a network. */
export async function* inPieces(bytes: Uint8Array, size = 1000): AsyncGenerator<Uint8Array> {
  for (let from = 0; from < bytes.length; from += size) {
    await Promise.resolve();
    yield bytes.subarray(from, from + size);
  }
}

export function textBytes(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text);
}

/** The paths of all that lies in a folder and below it, but for the table and what belongs to it. */
export function contents(folder: string): string[] {
  const paths: string[] = [];
  for (const { name, isDirectory } of Deno.readDirSync(folder)) {
    if (isDirectory) paths.push(...contents(`${folder}/${name}`).map((each) => `${name}/${each}`));
    else if (!name.startsWith("index.db")) paths.push(name);
  }
  return paths.toSorted();
}

/** The head of a PNG with this size, and an empty picture; of no use to anybody who looks further. */
export function png(width: number, height: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(45);
  bytes.set([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  const view = new DataView(bytes.buffer);
  view.setUint32(8, 13);
  bytes.set(textBytes("IHDR"), 12);
  view.setUint32(16, width);
  view.setUint32(20, height);
  bytes.set([8, 6, 0, 0, 0], 24);
  bytes.set(textBytes("IDAT"), 37);
  return bytes;
}
