import type { Entry } from "../../lib/model/message.ts";
import type { References } from "../../lib/files/mod.ts";
import { ManualClock } from "../support/manual_clock.ts";

/** Messages as far as a store asks, which a test changes by hand. */
export class FakeMessages implements References {
  readonly referred = new Set<string>();
  readonly #listeners = new Set<(entries: readonly Entry[]) => void>();

  hasFile(id: string): Promise<boolean> {
    return Promise.resolve(this.referred.has(id));
  }

  watch(listener: (entries: readonly Entry[]) => void): Disposable {
    this.#listeners.add(listener);
    return { [Symbol.dispose]: () => void this.#listeners.delete(listener) };
  }

  tell(...entries: Entry[]): void {
    for (const listener of this.#listeners) listener(entries);
  }
}

export { ManualClock };

/** Bytes in pieces, as they come over a network. */
export async function* inPieces(bytes: Uint8Array, size = 1000): AsyncGenerator<Uint8Array> {
  for (let from = 0; from < bytes.length; from += size) {
    await Promise.resolve();
    yield bytes.subarray(from, from + size);
  }
}

/** The names of all that lies in a folder and below it, but for the table. */
export function contents(folder: string): string[] {
  const names: string[] = [];
  for (const { name, isDirectory } of Deno.readDirSync(folder)) {
    if (isDirectory) names.push(...contents(`${folder}/${name}`).map((each) => `${name}/${each}`));
    else if (!name.startsWith("index.db")) names.push(name);
  }
  return names.toSorted();
}
