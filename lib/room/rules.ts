import type { Standing } from "../model/events.ts";
import type { DeleteDraft } from "../model/draft.ts";
import type { Measure } from "../model/measure.ts";
import type { Receipt } from "../model/message.ts";
import { keptFrom, type Refusal } from "../model/refusal.ts";

/** Who posts, as far as that is known: what guards are asked about. */
export interface Poster {
  /** The session's id; undefined for a post without a session. */
  readonly session: string | undefined;
  /** What it has proved. */
  readonly proof: string | undefined;
  /** Where the post comes from. */
  readonly address: string | undefined;
  /** The name said with a post that has no session. */
  readonly name?: string | undefined;
}

/** Throws a Refusal where somebody may show nothing to others. Asked each time; must be quick. */
export type PostGuard = (poster: Poster) => void;

/** What operators have laid down, as far as the room asks. All of it must be quick. */
export interface Rules {
  /** What is particular about a session, as it is told to it. */
  standing(session: string): Standing;
  isOperator(session: string): boolean;
  /** The name that an operator was made with; undefined of somebody else's session. */
  nameOf(session: string): string | undefined;
  /** Somebody has the name from now on. */
  saw(name: string, session: string, address: string): void;
  /** Whether a name is kept from a session, though nobody who has it is here. */
  isKept(name: string, session: string | undefined): boolean;
  /** Everybody but operators may say one thing in so many seconds; undefined where that is not so. */
  readonly slow: number | undefined;
  /** Why somebody is not to be here; undefined where nothing is against it. */
  removalOf(poster: Omit<Poster, "proof">): Removal | undefined;
  /** Throws a Refusal where somebody has to wait before saying something more; otherwise counts it. */
  takeTurn(poster: Poster): void;
  /**
   * An operator deletes what somebody else said: `store` is called once that is put down. Rejects with a
   * Refusal, of its own or of `store`.
   */
  overrule(draft: DeleteDraft, store: () => Promise<Receipt>): Promise<Receipt>;
}

/** Of a room without operators. */
export const NO_RULES: Rules = {
  standing: () => ({}),
  isOperator: () => false,
  nameOf: () => undefined,
  saw() {},
  isKept: () => false,
  slow: undefined,
  removalOf: () => undefined,
  takeTurn() {},
  overrule: (_draft, store) => store(),
};

/** Why an operator ends a connection. */
export type Removal = Measure & { readonly type: "kick" | "ban" };

/** As it is told to whom it is for; `now` in milliseconds since 1970. */
export function refusalOf(removal: Removal, now: number): Refusal {
  const { type, until } = removal;
  const isSoonOver = type === "kick" && until !== undefined;
  return keptFrom(removal, isSoonOver ? Math.ceil((until - now) / 1000) : undefined);
}
