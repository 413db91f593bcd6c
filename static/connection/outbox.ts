import type { ApiError } from "./api.ts";
import { pause } from "./pause.ts";
import type { TextStorage } from "../base/storage.ts";

/** What waits to be sent, for how long it may be shown what became of it. */
export interface OutgoingMessage {
  readonly id: string;
  readonly text: string;
  /** When it was written, in milliseconds since the Unix epoch. */
  readonly at: number;
  /** `stored`: the server has it, and it will come back through the log. */
  readonly state: "waiting" | "stored" | "failed";
  /** Why it failed, or has to wait: a code of the protocol. */
  readonly code?: string;
}

export interface OutboxOptions {
  /** Rejects with an ApiError. */
  readonly post: (message: { id: string; text: string }) => Promise<number>;
  readonly changed: (drafts: readonly OutgoingMessage[]) => void;
  readonly storage: Pick<TextStorage, "getItem" | "setItem">;
  readonly now?: () => number;
  readonly pause?: (ms: number) => Promise<void>;
}

const KEY = "partyline.outbox";

/**
 * What was written and is not in the log yet. Kept in storage until the server has stored it, and
 * sent one after the other under the id it was given first: so in order, across reloads, and once.
 */
export class Outbox {
  readonly #options: OutboxOptions;
  #drafts: readonly OutgoingMessage[];
  /** All that were ever ours: the storage also holds what other tabs wrote, which is theirs to send. */
  readonly #ours: Set<string>;
  #sending = false;

  constructor(options: OutboxOptions) {
    this.#options = options;
    this.#drafts = parseDrafts(options.storage.getItem(KEY));
    this.#ours = new Set(this.#drafts.map(({ id }) => id));
  }

  get drafts(): readonly OutgoingMessage[] {
    return this.#drafts;
  }

  add(text: string): void {
    const at = (this.#options.now ?? Date.now)();
    const id = newId();
    this.#ours.add(id);
    this.#change([...this.#drafts, { id, text, at, state: "waiting" }]);
    this.send();
  }

  /** What has come back through the log is not pending any more. */
  settle(id: string): void {
    if (this.#drafts.some((draft) => draft.id === id)) this.discard(id);
  }

  retry(id: string): void {
    this.#set(id, "waiting");
    this.send();
  }

  discard(id: string): void {
    this.#change(this.#drafts.filter((draft) => draft.id !== id));
  }

  /** Sends what waits, as far as the connection carries; to be called when there is one. */
  async send(): Promise<void> {
    if (this.#sending) return;
    this.#sending = true;
    try {
      for (let draft = this.#next(); draft; draft = this.#next()) {
        if (!await this.#post(draft)) break;
      }
    } finally {
      this.#sending = false;
    }
  }

  /** False where it makes no sense to go on now. */
  async #post({ id, text }: OutgoingMessage): Promise<boolean> {
    try {
      await this.#options.post({ id, text });
      this.#set(id, "stored");
    } catch (error) {
      const { code, retryAfter } = error as ApiError;
      if (code === "network") return false;
      this.#set(id, retryAfter === undefined ? "failed" : "waiting", code);
      if (retryAfter !== undefined) await (this.#options.pause ?? pause)(1000 * retryAfter);
    }
    return true;
  }

  #next(): OutgoingMessage | undefined {
    return this.#drafts.find(({ state }) => state === "waiting");
  }

  #set(id: string, state: OutgoingMessage["state"], code?: string): void {
    this.#change(
      this.#drafts.map((draft) => {
        if (draft.id !== id) return draft;
        const { text, at } = draft;
        return { id, text, at, state, ...(code !== undefined && { code }) };
      }),
    );
  }

  #change(drafts: readonly OutgoingMessage[]): void {
    this.#drafts = drafts;
    const { storage } = this.#options;
    const theirs = parseDrafts(storage.getItem(KEY)).filter(({ id }) => !this.#ours.has(id));
    const kept = drafts.filter(({ state }) => state !== "stored");
    storage.setItem(KEY, JSON.stringify([...theirs, ...kept]));
    this.#options.changed(drafts);
  }
}

/** Unique without a secure context, which `crypto.randomUUID` asks for. */
function newId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(12));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function parseDrafts(stored: string | null): OutgoingMessage[] {
  try {
    const drafts: unknown = JSON.parse(stored ?? "[]");
    return Array.isArray(drafts) ? drafts.filter(isDraft) : [];
  } catch {
    return [];
  }
}

function isDraft(value: unknown): value is OutgoingMessage {
  const draft = value as OutgoingMessage | null;
  return typeof draft?.id === "string" && typeof draft.text === "string" &&
    typeof draft.at === "number" && (draft.state === "waiting" || draft.state === "failed");
}
