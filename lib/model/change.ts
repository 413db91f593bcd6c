import type { Change, Entry, Message, Reaction } from "./message.ts";

/**
 * What `entry` is told as once `change` has been stored: a new object, or `entry` itself where it is
 * not concerned or shows the change already. Pure, and the only place that says what a change does: the
 * log applies it to what it stores, the room to what it keeps in memory, clients to what they show. So
 * whoever applies all changes in order, whichever of them its messages already show, sees the same.
 */
export function changedBy<E extends Entry>(entry: E, change: Change): E;
export function changedBy(entry: Entry, change: Change): Entry {
  if (entry.type === "message") return entry.seq === change.ref ? changed(entry, change) : entry;
  // A text that was is gone with the message.
  const isGone = entry.type === "edit" && change.type === "delete" && entry.ref === change.ref;
  return isGone && entry.text !== "" ? { ...entry, text: "" } : entry;
}

/**
 * Entries as they are told once all of the changes have been stored: the array itself where none of
 * them is concerned. The entries follow each other without a hole, and the changes are in their order.
 */
export function allChangedBy<E extends Entry>(
  entries: readonly E[],
  changes: readonly Change[],
): readonly E[] {
  const first = entries[0]?.seq ?? 0;
  let now: E[] | undefined;
  const apply = (index: number, change: Change) => {
    const entry = (now ?? entries)[index];
    const after = entry && changedBy(entry, change);
    if (after && after !== entry) (now ??= [...entries])[index] = after;
  };
  for (const change of changes) {
    apply(change.ref - first, change);
    if (change.type !== "delete") continue;
    for (let i = 0; i < entries.length; i++) {
      if (entries[i]!.type === "edit") apply(i, change);
    }
  }
  return now ?? entries;
}

/**
 * Entries as they are told once those before `first` are no longer kept: an edit of one of these says
 * nothing any more. The array itself where there is none.
 */
export function allTrimmedTo<E extends Entry>(entries: readonly E[], first: number): readonly E[] {
  const says = (entry: Entry) => entry.type === "edit" && entry.ref < first && entry.text !== "";
  return entries.some(says)
    ? entries.map((entry) => says(entry) ? { ...entry, text: "" } : entry)
    : entries;
}

function changed(message: Message, change: Change): Message {
  if (message.deleted || change.seq <= (message.changed ?? 0)) return message;
  switch (change.type) {
    case "edit":
      return { ...message, text: change.text, edited: change.at, changed: change.seq };
    case "delete":
      return tombstone(message, change.seq);
    case "reaction": {
      const { reactions: before = [], ...rest } = message;
      const reactions = withReaction(before, change);
      return { ...rest, ...(reactions.length > 0 && { reactions }), changed: change.seq };
    }
  }
}

/** What is left: that somebody said something then, and what it answered. */
function tombstone({ type, seq, at, id, from, re, to }: Message, changed: number): Message {
  return {
    type,
    seq,
    at,
    ...(id !== undefined && { id }),
    from,
    text: "",
    ...(re !== undefined && { re }),
    ...(to !== undefined && { to }),
    deleted: true,
    changed,
  };
}

function withReaction(before: readonly Reaction[], { emoji, count, names }: Reaction): Reaction[] {
  if (count === 0) return before.filter((each) => each.emoji !== emoji);
  const now = { emoji, count, names };
  if (!before.some((each) => each.emoji === emoji)) return [...before, now];
  return before.map((each) => each.emoji === emoji ? now : each);
}
