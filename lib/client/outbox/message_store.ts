import type { OutboxStorage, OutgoingMessage } from "./outgoing.ts";

const KEY = "partyline.outbox";

/** Messages that are not stored yet, in a storage that outlives us and may be shared with others. */
export class MessageStore {
  readonly #storage: OutboxStorage;
  /** All that were ever ours: what other tabs wrote is theirs to send. */
  readonly #ours = new Set<string>();

  constructor(storage: OutboxStorage) {
    this.#storage = storage;
  }

  /** What is there at the start; from now on it is ours. */
  load(): readonly OutgoingMessage[] {
    const messages = this.#read();
    for (const { id } of messages) this.#ours.add(id);
    return messages;
  }

  /** Ours are now these; those of others stay. */
  keep(messages: readonly OutgoingMessage[]): void {
    for (const { id } of messages) this.#ours.add(id);
    const theirs = this.#read().filter(({ id }) => !this.#ours.has(id));
    try {
      this.#storage.setItem(KEY, JSON.stringify([...theirs, ...messages]));
    } catch {
      // best effort: a full storage keeps nothing, and the message is sent all the same
    }
  }

  #read(): OutgoingMessage[] {
    try {
      const messages: unknown = JSON.parse(this.#storage.getItem(KEY) ?? "[]");
      return Array.isArray(messages) ? messages.filter(isOutgoing) : [];
    } catch {
      return [];
    }
  }
}

function isOutgoing(value: unknown): value is OutgoingMessage {
  const { id, text, at, state } = Object(value) as Partial<OutgoingMessage>;
  return typeof id === "string" && typeof text === "string" && typeof at === "number" &&
    (state === "waiting" || state === "failed");
}
