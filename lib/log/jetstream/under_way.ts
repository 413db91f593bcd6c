import type { Draft } from "../../model/draft.ts";

/** Drafts that are being stored: what depends on one of them is decided when that is done. */
export class UnderWay {
  readonly #all = new Set<Promise<unknown>>();
  readonly #byKey = new Map<string, Promise<unknown>>();

  /** Whoever stores it is told what becomes of it. */
  add(draft: Draft, storing: Promise<unknown>): void {
    const keys = keysOf(draft);
    this.#all.add(storing);
    for (const key of keys) this.#byKey.set(key, storing);
    const end = () => {
      this.#all.delete(storing);
      for (const key of keys) {
        if (this.#byKey.get(key) === storing) this.#byKey.delete(key);
      }
    };
    storing.then(end, end);
  }

  /** Whether there is one with the same id, or one that changes the same message. */
  blocks(draft: Draft): boolean {
    return keysOf(draft).some((key) => this.#byKey.has(key));
  }

  /** Resolves when there is none with the same id, and none that changes the same message. */
  async unblocked(draft: Draft): Promise<void> {
    const keys = keysOf(draft);
    for (let key; (key = keys.find((key) => this.#byKey.has(key)));) {
      await Promise.allSettled([this.#byKey.get(key)]);
    }
  }

  /** Resolves when all that are under way now are done. */
  async settled(): Promise<void> {
    await Promise.allSettled([...this.#all]);
  }
}

function keysOf(draft: Draft): string[] {
  const keys: string[] = [];
  if (draft.id !== undefined) keys.push(JSON.stringify([draft.sender, draft.id]));
  if ("ref" in draft) keys.push(`${draft.ref}`);
  return keys;
}
