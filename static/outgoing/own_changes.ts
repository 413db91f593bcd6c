import type { Outgoing } from "../../lib/client/mod.ts";
import { changedBy } from "../../lib/model/change.ts";
import type { Message, Reaction } from "../../lib/model/message.ts";

/** A change of a message that is not in the log yet. */
export type OutgoingChange = Exclude<Outgoing, { type: "message" }>;

/** What somebody has just done to messages, so that it is seen before the log tells of it. Pure. */
export class OwnChanges {
  #byRef: ReadonlyMap<number, readonly OutgoingChange[]> = new Map();
  /** The messages whose deletion can still be undone. */
  readonly #deleting = new Set<number>();

  /** What waits is sent at once. */
  connected = true;

  /** Takes what is under way now; yields the messages that are to be shown anew. */
  replace(outgoing: readonly Outgoing[], connected: boolean): number[] {
    const before = this.#byRef;
    const turned = this.connected !== connected;
    this.connected = connected;
    const changes = outgoing.filter((each) => each.type !== "message");
    const byRef = Map.groupBy(changes, ({ ref }) => Number(ref));
    this.#byRef = byRef;
    const refs = new Set([...before.keys(), ...byRef.keys()]);
    return [...refs].filter((ref) =>
      turned || !isSame(before.get(ref) ?? [], byRef.get(ref) ?? [])
    );
  }

  /** The message is shown as deleted, though nothing was sent; or is not any more. */
  delete(ref: number, is: boolean): void {
    if (is) this.#deleting.add(ref);
    else this.#deleting.delete(ref);
  }

  isDeleting(ref: number): boolean {
    return this.#deleting.has(ref);
  }

  /** What is under way for the message, or has failed. */
  of(ref: number): readonly OutgoingChange[] {
    return this.#byRef.get(ref) ?? [];
  }

  /** The message as it is once all is stored that is under way. What has failed is not done. */
  apply(message: Message, self: string): Message {
    let shown = message;
    for (const change of this.of(message.seq)) {
      if (change.state !== "failed") shown = expected(shown, change, self);
    }
    return this.#deleting.has(message.seq) ? deleted(shown, self) : shown;
  }
}

/** Later than all that the log has told of. */
const LATEST = Number.MAX_SAFE_INTEGER;

function expected(message: Message, change: OutgoingChange, self: string): Message {
  const { seq: ref } = message;
  // What is expected must not keep out what comes.
  const stored = { ...message, changed: 0 };
  const entry = { seq: LATEST, at: change.at, from: self, ref };
  switch (change.type) {
    case "edit":
      return changedBy(stored, { type: "edit", ...entry, text: change.text });
    case "delete":
      return deleted(message, self);
    case "reaction": {
      const { emoji, on } = change;
      const now = (message.reactions ?? []).find((each) => each.emoji === emoji);
      const reaction = withPerson(now ?? { emoji, count: 0, names: [] }, self, on);
      return changedBy(stored, { type: "reaction", ...entry, on, ...reaction });
    }
  }
}

function deleted(message: Message, from: string): Message {
  const { seq: ref, at } = message;
  return changedBy({ ...message, changed: 0 }, { type: "delete", seq: LATEST, at, from, ref });
}

function withPerson({ emoji, count, names }: Reaction, self: string, on: boolean): Reaction {
  if (names.includes(self) === on) return { emoji, count, names };
  const others = names.filter((name) => name !== self);
  return { emoji, count: count + (on ? 1 : -1), names: on ? [...names, self] : others };
}

/** The outbox replaces what it changes. */
function isSame(a: readonly unknown[], b: readonly unknown[]): boolean {
  return a.length === b.length && a.every((each, i) => each === b[i]);
}
