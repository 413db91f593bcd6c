import { storageKey } from "./storage.ts";

/** What is kept: the messages that were seen last, and what is to be sent with files. */
const STORES = ["copy", "parcels"] as const;

export type StoreName = typeof STORES[number];

/**
 * The browser's database, for what is too large for its storage. A room under a path has one of its
 * own. Everything rejects where the browser forbids it (a private window, perhaps) or is full.
 */
export class Database {
  #opened: Promise<IDBDatabase> | undefined;

  async get(store: StoreName, key: string): Promise<unknown> {
    return await this.#do("readonly", store, (records) => records.get(key));
  }

  /** In the order of their keys. */
  async all(store: StoreName): Promise<readonly unknown[]> {
    return await this.#do("readonly", store, (records) => records.getAll());
  }

  async count(store: StoreName): Promise<number> {
    return await this.#do("readonly", store, (records) => records.count());
  }

  /** Resolves when it is on the disk, or as good as that. */
  async put(store: StoreName, key: string, value: unknown): Promise<void> {
    await this.#do("readwrite", store, (records) => records.put(value, key));
  }

  async delete(store: StoreName, key: string): Promise<void> {
    await this.#do("readwrite", store, (records) => records.delete(key));
  }

  async clear(store: StoreName): Promise<void> {
    await this.#do("readwrite", store, (records) => records.clear());
  }

  async #do<T>(
    mode: IDBTransactionMode,
    store: StoreName,
    act: (records: IDBObjectStore) => IDBRequest<T>,
  ): Promise<T> {
    const transaction = (await (this.#opened ??= this.#open())).transaction(store, mode);
    const request = act(transaction.objectStore(store));
    await new Promise<void>((resolve, reject) => {
      transaction.oncomplete = () => resolve();
      transaction.onabort = transaction.onerror = () => reject(transaction.error);
    });
    return request.result;
  }

  async #open(): Promise<IDBDatabase> {
    try {
      const request = indexedDB.open(storageKey("partyline"), 1);
      request.onupgradeneeded = () => {
        for (const name of STORES) request.result.createObjectStore(name);
      };
      const database = await new Promise<IDBDatabase>((resolve, reject) => {
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error);
      });
      // Another version of the page, or the browser, wants it for itself: next time it is opened anew.
      database.onversionchange = () => database.close();
      database.onclose = () => this.#opened = undefined;
      return database;
    } catch (error) {
      this.#opened = undefined;
      throw error;
    }
  }
}
