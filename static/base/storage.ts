/** The part of a Storage that the page uses. */
export type TextStorage = Pick<Storage, "getItem" | "setItem" | "removeItem">;

/** How far a value reaches: to all pages of the room in this browser, or to this tab alone. */
export type Reach = "browser" | "tab";

/**
 * The browser's storage. Where it is forbidden or full, values are kept in memory, as long as the page
 * lasts: nobody should be kept from writing because the page cannot remember something. A room under a
 * path has its own part of it: what was not sent in one must not be sent in another.
 */
export function openStorage(reach: Reach = "browser"): TextStorage {
  const memory = new Map<string, string>();
  const storage = available(reach);
  return {
    getItem: (key) => memory.get(key) ?? storage?.getItem(storageKey(key)) ?? null,
    setItem(key, value) {
      try {
        if (!storage) throw new TypeError("Cannot store: there is no storage");
        storage.setItem(storageKey(key), value);
        memory.delete(key);
      } catch {
        memory.set(key, value);
      }
    },
    removeItem(key) {
      memory.delete(key);
      storage?.removeItem(storageKey(key));
    },
  };
}

/** What a value is kept under in the browser's own storage, which all paths of a host share. */
export function storageKey(key: string): string {
  return location.pathname === "/" ? key : `${key} ${location.pathname}`;
}

function available(reach: Reach): Storage | undefined {
  let storage;
  try {
    storage = reach === "tab" ? sessionStorage : localStorage;
  } catch {
    // best effort: with cookies blocked, even reading the property throws
  }
  return storage;
}
