import type { OutboxStorage, Outgoing } from "./outgoing.ts";

const KEY = "partyline.outbox";

/** What is not in the log yet, in a storage that outlives us and may be shared with others. */
export class MessageStore {
  readonly #storage: OutboxStorage;
  /** All that were ever ours: what other tabs wrote is theirs to send. */
  readonly #ours = new Set<string>();

  constructor(storage: OutboxStorage) {
    this.#storage = storage;
  }

  /** What is there at the start; from now on it is ours. */
  load(): readonly Outgoing[] {
    const messages = this.#read();
    for (const { id } of messages) this.#ours.add(id);
    return messages;
  }

  /** Ours are now these; those of others stay. */
  keep(messages: readonly Outgoing[]): void {
    for (const { id } of messages) this.#ours.add(id);
    const theirs = this.#read().filter(({ id }) => !this.#ours.has(id));
    try {
      this.#storage.setItem(KEY, JSON.stringify([...theirs, ...messages]));
    } catch {
      // best effort: a full storage keeps nothing, and the message is sent all the same
    }
  }

  #read(): Outgoing[] {
    try {
      const messages: unknown = JSON.parse(this.#storage.getItem(KEY) ?? "[]");
      // An earlier version knew messages only, and kept no type.
      const typed = Array.isArray(messages)
        ? messages.map((message) => ({ type: "message", ...Object(message) }))
        : [];
      return typed.filter(isOutgoing);
    } catch {
      return [];
    }
  }
}

function isOutgoing(value: unknown): value is Outgoing {
  const { type, id, text, at, state } = Object(value) as Record<string, unknown>;
  // The server says what is wrong with the rest.
  return typeof id === "string" && typeof at === "number" &&
    (state === "waiting" || state === "failed") &&
    (typeof text === "string" || type === "delete" || type === "reaction");
}
