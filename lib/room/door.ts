import { guestName } from "../model/names.ts";
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

/** The one way in: all transports ask here before there is a visit. */
export class Door {
  readonly #sessions: Sessions;
  readonly #guards: readonly Guard[];

  constructor(sessions: Sessions, guards: readonly Guard[] = []) {
    this.#sessions = sessions;
    this.#guards = guards;
  }

  /**
   * Makes a session ready to come in: the one that was brought, or a new one, under the name wished
   * for, else its last one, else a guest's, with a token that is a day old at most and keeps what the
   * session has proved. Rejects with the Refusal of a guard.
   */
  async admit({ session, wished, address }: Caller): Promise<NamedSession> {
    const known = session ?? this.#sessions.create();
    const arriving = this.#sessions.renew(known, wished ?? known.name ?? guestName());
    for (const guard of this.#guards) guard({ ...arriving, address });
    return { ...arriving, address, token: await this.#sessions.issue(arriving) };
  }
}
