import { type Client, Refusal } from "../../lib/client/mod.ts";
import type { Database } from "../base/database.ts";
import type { Timer } from "../base/dom.ts";
import {
  isPackedMessage,
  type PackedFile,
  type PackedMessage,
  type Parcel,
  sizeOf,
} from "./parcel.ts";

/** So much is kept across a reload, of all messages together. */
const KEPT_BYTES = 200 * 1024 * 1024;
/** Until the first retry; twice as long until each that follows. */
const RETRY_MS = 2_000;
const RETRY_AT_MOST_MS = 60_000;
/** What the server refuses for now. */
const TEMPORARY = new Set(["rate_limited", "unavailable"]);
/** What a status says of a file beyond its code. */
const CODES: Readonly<Record<number, string>> = { 413: "too_large", 507: "no_room" };

export interface ParcelsOptions {
  readonly database: Database;
  /** The bytes that the server takes in one file. */
  readonly limit: () => number;
  readonly upload: Client["upload"];
  /** Gives a message to the outbox; resolves when it is stored, rejects where it never will be. */
  readonly say: (message: PackedMessage) => Promise<unknown>;
  /** The outbox is to forget a message that it could not bring to the log. */
  readonly discard: (id: string) => void;
  /** Told after each change of a parcel, and when one is gone. */
  readonly changed: () => void;
}

/**
 * Messages with files, on their way: one file is uploaded at a time, in order; when all of a message
 * are there, it is said. Each is kept in the browser's database until it is stored, so that a reload
 * loses nothing, and forgets no file that is there already.
 */
export class Parcels {
  readonly #options: ParcelsOptions;
  readonly #parcels = new Map<string, Parcel>();
  /** Locks of this page on what it sends: another tab leaves that alone. */
  readonly #releases = new Map<string, () => void>();
  #busy: { readonly id: string; readonly abort: AbortController } | undefined;
  #failures = 0;
  #timer: Timer;

  constructor(options: ParcelsOptions) {
    this.#options = options;
  }

  /** Those that are to be seen: what the outbox has is shown by it. */
  get shown(): readonly Parcel[] {
    return [...this.#parcels.values()].filter(({ state }) => state !== "said");
  }

  /** Goes on with what was kept, and no other tab has. Best effort. */
  async load(): Promise<void> {
    const kept = await this.#options.database.all("parcels").catch((): readonly unknown[] => []);
    const messages = kept.filter(isPackedMessage).toSorted((a, b) => a.at - b.at);
    for (const message of messages) {
      if (!this.#parcels.has(message.id) && await this.#lock(message.id)) {
        this.#add(message, { kept: true });
      }
    }
    this.#next();
  }

  /** Sends a message with files, once they are ready. */
  async send(message: Omit<PackedMessage, "files">, files: Promise<readonly PackedFile[]>) {
    const { id } = message;
    this.#add({ ...message, files: [] }, { state: "preparing" });
    await this.#lock(id);
    this.#change(id, { files: await files });
    await this.#keep(id);
    this.#change(id, { state: "waiting" });
    this.#next();
  }

  retry(id: string): void {
    if (this.#parcels.get(id)?.state !== "failed") return;
    this.#change(id, { state: "waiting", code: undefined });
    this.#failures = 0;
    this.#next();
  }

  /** Forgets it, and stops its upload. Returns what it was. */
  discard(id: string): Parcel | undefined {
    const parcel = this.#parcels.get(id);
    if (parcel) this.#forget(id);
    if (this.#busy?.id === id) this.#busy.abort.abort();
    return parcel;
  }

  /** The server is there (again): whatever waits for it goes on. */
  resume(): void {
    this.#failures = 0;
    this.#next();
  }

  #add(message: PackedMessage, as: Partial<Parcel>): void {
    this.#parcels.set(message.id, { ...message, state: "waiting", sent: 0, kept: true, ...as });
    this.#options.changed();
  }

  #change(id: string, change: Partial<Parcel>): void {
    const parcel = this.#parcels.get(id);
    if (!parcel) return;
    this.#parcels.set(id, { ...parcel, ...change });
    this.#options.changed();
  }

  #forget(id: string): void {
    this.#parcels.delete(id);
    this.#releases.get(id)?.();
    this.#releases.delete(id);
    this.#options.database.delete("parcels", id).catch(() => {}); // it was not kept
    this.#options.changed();
  }

  /** Puts it into the database as it is; where that cannot be, it is told with the parcel. */
  async #keep(id: string): Promise<void> {
    const parcel = this.#parcels.get(id);
    if (!parcel) return;
    const { text, re, at, files } = parcel;
    const all = [...this.#parcels.values()].reduce((sum, each) => sum + sizeOf(each), 0);
    try {
      if (all > KEPT_BYTES) throw new RangeError("Cannot keep: that is too much");
      await this.#options.database.put("parcels", id, { id, text, re, at, files });
      // It may have been given up meanwhile.
      if (!this.#parcels.has(id)) await this.#options.database.delete("parcels", id);
    } catch {
      this.#change(id, { kept: false });
    }
  }

  /** False where another tab has it. */
  #lock(id: string): Promise<boolean> {
    // Only pages that came over TLS, or from this machine, have locks; the id says nothing twice.
    const locks = navigator.locks as LockManager | undefined;
    if (!locks) return Promise.resolve(true);
    const { promise, resolve } = Promise.withResolvers<boolean>();
    locks.request(`partyline parcel ${id}`, { ifAvailable: true }, (lock) => {
      resolve(lock !== null);
      return lock && new Promise<void>((release) => this.#releases.set(id, release));
    }).catch(() => resolve(true));
    return promise;
  }

  #next(): void {
    clearTimeout(this.#timer);
    if (this.#busy) return;
    const next = [...this.#parcels.values()].find(({ state }) => state === "waiting");
    if (next) this.#deliver(next);
  }

  async #deliver({ id }: Parcel): Promise<void> {
    const abort = new AbortController();
    this.#busy = { id, abort };
    let delayMs = 0;
    try {
      this.#change(id, { state: "uploading", code: undefined });
      await this.#upload(id, abort.signal);
      this.#failures = 0;
      this.#say(id);
    } catch (error) {
      delayMs = this.#failed(id, error);
    }
    this.#busy = undefined;
    if (delayMs === 0) this.#next();
    else this.#timer = setTimeout(() => this.#next(), delayMs);
  }

  async #upload(id: string, signal: AbortSignal): Promise<void> {
    const limit = this.#options.limit();
    if (this.#files(id).some(({ blob }) => blob.size > limit)) {
      throw new Refusal("too_long", "a file is too large", { httpStatus: 413 });
    }
    let before = 0;
    for (let i = 0; i < this.#files(id).length; i++) {
      const file = this.#files(id)[i]!;
      if (!file.info) {
        const info = await this.#options.upload(file.name, file.blob, {
          type: file.blob.type,
          signal,
          // With the head of the request it may be more than the file has.
          onProgress: (sent) => this.#change(id, { sent: before + Math.min(sent, file.blob.size) }),
        });
        this.#note(id, i, info);
        await this.#keep(id);
      }
      before += file.blob.size;
    }
    signal.throwIfAborted();
  }

  #files(id: string): readonly PackedFile[] {
    return this.#parcels.get(id)?.files ?? [];
  }

  #note(id: string, index: number, info: PackedFile["info"]): void {
    const files = this.#files(id).map((file, i) => i === index ? { ...file, info } : file);
    this.#change(id, { files });
  }

  /** Returns after how many ms it is tried again; 0 where that is of no use. */
  #failed(id: string, error: unknown): number {
    if (!this.#parcels.has(id)) return 0; // it was given up
    const refusal = error instanceof Refusal ? error : undefined;
    if (refusal && (statusOf(refusal) === 507 || !TEMPORARY.has(refusal.code))) {
      this.#change(id, { state: "failed", code: codeOf(refusal), sent: 0 });
      return 0;
    }
    this.#change(id, { state: "waiting", code: refusal?.code ?? "network", sent: 0 });
    const backOffMs = Math.min(RETRY_MS * 2 ** this.#failures++, RETRY_AT_MOST_MS);
    return Math.max(1000 * (refusal?.retryAfter ?? 0), backOffMs);
  }

  async #say(id: string): Promise<void> {
    const parcel = this.#parcels.get(id);
    if (!parcel) return;
    this.#change(id, { state: "said" });
    try {
      await this.#options.say(parcel);
      this.#forget(id);
    } catch (error) {
      // Nobody said no: it stays where it is, for the next time.
      if (!(error instanceof Refusal)) return;
      const { code } = error;
      this.#options.discard(id);
      // Perhaps the server has removed the files, since nothing referred to them for long.
      const files = parcel.files.map((file) => ({ ...file, info: undefined }));
      this.#change(id, { state: "failed", code, files, sent: 0 });
    }
  }
}

function codeOf(refusal: Refusal): string {
  return CODES[statusOf(refusal) ?? 0] ?? refusal.code;
}

/** That which it came by, over HTTP. */
function statusOf(refusal: Refusal): number | undefined {
  return "status" in refusal ? Number(refusal.status) : refusal.httpStatus;
}
