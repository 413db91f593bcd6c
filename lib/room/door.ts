import { type Access, OPEN } from "../access/mod.ts";
import type { Features } from "../model/features.ts";
import { guestName, isGuestName } from "../model/names.ts";
import { isReserved } from "../names/mod.ts";
import type { Presence } from "./people/presence.ts";
import { NO_RULES, type Rules } from "./rules.ts";
import type { Session, Sessions } from "./sessions.ts";

/** Somebody who wants to come in, by whatever transport. */
export interface Caller {
  /** The session that was brought, if one was. */
  readonly session: Session | undefined;
  /** The name wished for, which is a name; undefined where there is no wish. */
  readonly wished: string | undefined;
  /** Where the connection comes from; a proxy's client, where the proxy is trusted. */
  readonly address: string;
  /** That the password was given beside the session, as `Access.prove` says it. */
  readonly proof?: string | undefined;
}

/** What a guard is asked about: the session as it would come in. */
export interface Arriving extends Session {
  readonly name: string;
  readonly address: string;
}

/** Throws a Refusal where the session may not come in. Asked each time, so that it may change its mind. */
export type Guard = (arriving: Arriving) => void;

/** A session that may come in, and what it may do there. */
export interface Admitted extends Arriving {
  /** Proves the session. */
  readonly token: string;
  readonly features: Features;
}

/** The one way in: all transports ask here before there is a visit. */
export class Door {
  readonly #sessions: Sessions;
  readonly #guards: readonly Guard[];
  readonly #access: Access;
  readonly #rules: Pick<Rules, "nameOf">;
  readonly #people: Pick<Presence, "arrive"> | undefined;

  constructor(
    sessions: Sessions,
    guards: readonly Guard[] = [],
    { access = OPEN, rules = NO_RULES, people }: {
      readonly access?: Access;
      readonly rules?: Pick<Rules, "nameOf">;
      /** Told who is about to come in. */
      readonly people?: Pick<Presence, "arrive">;
    } = {},
  ) {
    this.#sessions = sessions;
    this.#guards = guards;
    this.#access = access;
    this.#rules = rules;
    this.#people = people;
  }

  /** As `recognise`, for somebody who comes in now: they can enter as soon as this resolves. */
  async admit(caller: Caller): Promise<Admitted> {
    const admitted = await this.recognise(caller);
    await this.#people?.arrive(admitted.id, admitted.name, admitted.address);
    return admitted;
  }

  /**
   * Makes a session ready to come in: the one that was brought, or a new one, under the name wished
   * for, else an operator's own, else its last one, else a guest's, with a token that is a day old at most and keeps what the
   * session has proved. Somebody who may only read is a guest, whatever they wish for: a name is
   * something that others are shown. Rejects with a Refusal: of the password, or of a guard.
   */
  async recognise({ session, wished, address, proof = session?.proof }: Caller): Promise<Admitted> {
    this.#access.checkRead({ proof });
    const features = this.#access.features(proof);
    const known = session ?? this.#sessions.create();
    const name = features.write
      ? nameOf(wished, known.name, this.#rules.nameOf(known.id))
      : guestNameOf(known.name);
    const arriving = { ...this.#sessions.renew(known, name ?? guestName()), proof };
    for (const guard of this.#guards) guard({ ...arriving, address });
    return { ...arriving, address, features, token: await this.#sessions.issue(arriving) };
  }
}

function guestNameOf(name: string | undefined): string | undefined {
  return name !== undefined && isGuestName(name) ? name : undefined;
}

/** What is the server's is no wish: a token that had it would be of no use. */
function nameOf(
  wished: string | undefined,
  last: string | undefined,
  own: string | undefined,
): string | undefined {
  const isWish = wished !== undefined && (!isReserved(wished) || wished === own);
  return isWish ? wished : own ?? last;
}
