/** What the page needs of a Storage. */
export type TextStorage = Pick<Storage, "getItem" | "setItem" | "removeItem">;

/**
 * The browser's storage, or where it may not be used, or is full, one that lasts as long as the page:
 * remembering is a comfort, and its failure must not keep anybody from talking.
 */
export function openStorage(): TextStorage {
  const memory = new Map<string, string>();
  const storage = available();
  return {
    getItem: (key) => memory.get(key) ?? storage?.getItem(key) ?? null,
    setItem(key, value) {
      try {
        if (!storage) throw new TypeError("Cannot store: there is no storage");
        storage.setItem(key, value);
        memory.delete(key);
      } catch {
        memory.set(key, value);
      }
    },
    removeItem(key) {
      memory.delete(key);
      storage?.removeItem(key);
    },
  };
}

function available(): Storage | undefined {
  let storage;
  try {
    storage = localStorage;
  } catch {
    // best effort: the browser forbids even to look
  }
  return storage;
}
