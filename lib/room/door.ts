import { guestName } from "../model/names.ts";
import { isReserved } from "../names/mod.ts";
import { NO_RULES, type Rules } from "./rules.ts";
import type { NamedSession, Session, Sessions } from "./sessions.ts";

/** Somebody who wants to come in, by whatever transport. */
export interface Caller {
  /** The session that was brought, if one was. */
  readonly session: Session | undefined;
  /** The name wished for, which is a name; undefined where there is no wish. */
  readonly wished: string | undefined;
  /** Where the connection comes from; a proxy's client, where the proxy is trusted. */
  readonly address: string;
}

/** What a guard is asked about: the session as it would come in. */
export interface Arriving extends Session {
  readonly name: string;
  readonly address: string;
}

/** Throws a Refusal where the session may not come in. Asked each time, so that it may change its mind. */
export type Guard = (arriving: Arriving) => void;

/** A session that may come in. */
export interface Admitted extends NamedSession {
  readonly address: string;
}

/** The one way in: all transports ask here before there is a visit. */
export class Door {
  readonly #sessions: Sessions;
  readonly #guards: readonly Guard[];
  readonly #rules: Pick<Rules, "nameOf">;

  constructor(
    sessions: Sessions,
    guards: readonly Guard[] = [],
    { rules = NO_RULES }: { readonly rules?: Pick<Rules, "nameOf"> } = {},
  ) {
    this.#sessions = sessions;
    this.#guards = guards;
    this.#rules = rules;
  }

  /**
   * Makes a session ready to come in: the one that was brought, or a new one, under the name wished
   * for, else an operator's own, else its last one, else a guest's, with a token that is a day old at most and keeps what the
   * session has proved. Rejects with the Refusal of a guard.
   */
  async admit({ session, wished, address }: Caller): Promise<Admitted> {
    const known = session ?? this.#sessions.create();
    const own = this.#rules.nameOf(known.id);
    // What is the server's is no wish: a token that had it would be of no use.
    const isWish = wished !== undefined && (!isReserved(wished) || wished === own);
    const name = isWish ? wished : own ?? known.name;
    const arriving = this.#sessions.renew(known, name ?? guestName());
    for (const guard of this.#guards) guard({ ...arriving, address });
    return { ...arriving, address, token: await this.#sessions.issue(arriving) };
  }
}
