import type { DatabaseSync } from "node:sqlite";
import type {
  DeleteDraft,
  Draft,
  EditDraft,
  MessageDraft,
  ReactionDraft,
} from "../../../model/draft.ts";
import {
  type Entry,
  LIMITS,
  type Message,
  type Outcome,
  type ReactionChange,
} from "../../../model/message.ts";
import { Refusal } from "../../../model/refusal.ts";
import { KnownIds } from "./known_ids.ts";
import type { Projection, Target } from "./projection.ts";
import type { Reactors } from "./reactors.ts";

/** Where an entry is to be. */
export type Place = Pick<Entry, "seq" | "at">;

type Common = Pick<Entry, "seq" | "at" | "id" | "from">;

/** Says what drafts become, by what has been stored before them. It changes nothing. */
export class Decider {
  readonly #ids: KnownIds;
  readonly #reactors: Reactors;
  readonly #projection: Projection;
  readonly #findType;

  constructor(db: DatabaseSync, reactors: Reactors, projection: Projection) {
    this.#ids = new KnownIds(db);
    this.#reactors = reactors;
    this.#projection = projection;
    this.#findType = db.prepare('SELECT type, name AS "from" FROM entries WHERE seq = ?');
  }

  /** What becomes of a draft whose id its sender has used for an entry that is kept. */
  kept(draft: Draft): Outcome | undefined {
    return this.#ids.kept(draft);
  }

  /** The same for an entry that was trimmed. */
  forgotten(draft: Draft): Outcome | undefined {
    return this.#ids.forgotten(draft);
  }

  /** The entry that a draft with a new id becomes; or why it becomes none. */
  decide(draft: Draft, { seq, at }: Place): Entry | Outcome {
    const { id, from } = draft;
    const common: Common = { seq, at, ...(id !== undefined && { id }), from };
    switch (draft.type) {
      case undefined:
      case "message":
        return this.#decideMessage(draft, common);
      case "topic":
        return { type: "topic", ...common, text: draft.text };
    }
    const target = this.#projection.find(draft.ref);
    const refusal = refusalOf(draft, target);
    if (refusal) return refusal;
    const { ref } = draft;
    switch (draft.type) {
      case "edit":
        return { type: "edit", ...common, ref, text: draft.text };
      case "delete":
        return { type: "delete", ...common, ref };
      case "reaction":
        return this.#decideReaction(draft, common, target!.now as Message);
    }
  }

  #decideMessage({ text, re, files }: MessageDraft, common: Common): Message | Refusal {
    if (files && "why" in files) return files.why;
    const more = { ...(files && files.length > 0 && { files }) };
    if (re === undefined) return { type: "message", ...common, text, ...more };
    const row = this.#findType.get(re);
    if (!row) return notFound(re);
    if (row.type !== null) return noMessage(re);
    return { type: "message", ...common, text, re, to: row.from as string, ...more };
  }

  #decideReaction(
    draft: ReactionDraft,
    common: Common,
    { seq, reactions = [] }: Message,
  ): ReactionChange | Outcome {
    const { ref, emoji, on } = draft;
    const before = this.#reactors.find(draft);
    if (before.on === on) return { seq: before.seq ?? seq, duplicate: true };
    const shown = reactions.find((each) => each.emoji === emoji);
    if (on && !shown && reactions.length >= LIMITS.reactions) {
      return new Refusal(
        "bad_request",
        `#${ref} has ${LIMITS.reactions} different emoji already; more are not accepted`,
      );
    }
    const { count = 0, names = [] } = shown ?? {};
    return {
      type: "reaction",
      ...common,
      ref,
      emoji,
      on,
      count: count + (on ? 1 : -1),
      names: !on
        ? this.#reactors.namesWithout(draft)
        : count < LIMITS.reactors
        ? [...names, common.from]
        : names,
    };
  }
}

/** Why a message cannot be changed so; undefined where it can. */
function refusalOf(
  draft: EditDraft | DeleteDraft | ReactionDraft,
  target: Target | undefined,
): Refusal | undefined {
  const { type, ref, sender } = draft;
  if (!target) return notFound(ref);
  if (target.now.type !== "message") return noMessage(ref);
  if (target.now.deleted) return new Refusal("bad_request", `#${ref} was deleted already`);
  if (type === "reaction") return undefined;
  const isOwn = target.sender === sender || (type === "delete" && draft.operator === true);
  if (!isOwn) return new Refusal("forbidden", `#${ref} is not yours`);
  if (type === "edit" && target.now.at < draft.notBefore) {
    return new Refusal("forbidden", `#${ref} is too old to be edited`);
  }
  return undefined;
}

function notFound(seq: number): Refusal {
  return new Refusal("not_found", `there is no message #${seq}, or it is no longer kept`);
}

function noMessage(seq: number): Refusal {
  return new Refusal("bad_request", `#${seq} is not a message`);
}
