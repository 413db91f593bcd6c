import type { Clock } from "../../base/clock.ts";
import { Refusal } from "../../model/refusal.ts";
import { clean } from "../../model/text.ts";
import type { EndedSignIn, SignIn, SignInTable } from "../../registry/mod.ts";
import { EARLIER_SIGN_IN, type Session, type SignInRecord } from "../sessions.ts";
import type { Visits } from "./visits.ts";

const HOUR_MS = 60 * 60 * 1000;
const DAY_MS = 24 * HOUR_MS;
const ENDED = "this sign-in was ended; get a new token by POST /api/session";

/** More devices than one person has. */
const OF_A_SESSION = 20;
/** Above so many, it is forgotten which were written of late: the table says it too. */
const RECENT = 10_000;
const AGENT_CHARACTERS = 120;
const ALL = "*";

/** Where a sign-in is used, and with what. */
export interface Use {
  readonly address: string;
  readonly agent: string;
}

export interface SignInOptions {
  readonly clock: Clock;
  /** How long a token is good for when it is not used. */
  readonly lifeMs: number;
  readonly table: SignInTable;
}

/**
 * The sign-ins of all sessions: which were used, when and where, and which were ended. What was ended
 * is in memory, so that asking costs nothing; that one is used is written once an hour.
 */
export class SignIns implements SignInRecord, Disposable {
  readonly #clock: Clock;
  readonly #lifeMs: number;
  readonly #table: SignInTable;
  readonly #ended = new Map<string, EndedSignIn[]>();
  /** By session and sign-in: when it was written last. */
  readonly #recent = new Map<string, number>();
  #visits: Visits | undefined;
  #sweeping: Disposable;

  constructor({ clock, lifeMs, table }: SignInOptions) {
    this.#clock = clock;
    this.#lifeMs = lifeMs;
    this.#table = table;
    table.prune(clock.now() - lifeMs);
    // What is among these and of too long ago does no harm.
    for (const ended of table.ended()) this.#remember(ended);
    table.onEnded = (ended) => this.#apply(ended);
    this.#sweeping = this.#sweepLater();
  }

  /** The connections there are: those of an ended sign-in are ended too, and the others are uses. */
  set visits(visits: Visits) {
    this.#visits = visits;
  }

  isEnded({ id, signIn, issuedAt }: Session): boolean {
    const ended = this.#ended.get(id);
    return ended !== undefined && ended.some((each) => covers(each, signIn, issuedAt));
  }

  usedAt({ id, signIn }: Session): number | undefined {
    return this.#table.find(id, signIn)?.used;
  }

  /** A token was brought: costs a look into a map, but once an hour. */
  use({ id, signIn, issuedAt }: Session, { address, agent }: Use): void {
    const now = this.#clock.now();
    const key = `${id} ${signIn}`;
    if (now - (this.#recent.get(key) ?? -Infinity) < HOUR_MS) return;
    if (this.#recent.size >= RECENT) this.#recent.clear();
    this.#recent.set(key, now);
    const known = this.#table.find(id, signIn);
    const use = { address, agent: shown(agent) };
    const isSame = known?.address === use.address && known.agent === use.agent;
    if (isSame && now - known.used < HOUR_MS) return;
    const created = known?.created ?? issuedAt;
    this.#table.use({ session: id, id: signIn, created, used: now, ...use });
  }

  /** Those of a session that were used, and the one that asks, which comes first. */
  list(session: Session, use: Use): SignIn[] {
    const { id, signIn, issuedAt } = session;
    const known = this.#table.list(id);
    const { created = issuedAt } = known.find((each) => each.id === signIn) ?? {};
    const used = this.#clock.now();
    const own = { session: id, id: signIn, created, used, ...use, agent: shown(use.agent) };
    return [own, ...known.filter((each) => each.id !== signIn)];
  }

  /** One more, which begins now. Throws a Refusal where the session has too many. */
  add({ id, signIn, issuedAt }: Session, use: Use): void {
    if (this.#table.list(id).length >= OF_A_SESSION) {
      throw new Refusal("forbidden", `you have ${OF_A_SESSION} sign-ins, which is all; end one`);
    }
    const times = { created: issuedAt, used: issuedAt };
    this.#table.add({ session: id, id: signIn, ...times, ...use, agent: shown(use.agent) });
  }

  /**
   * Ends one of a session: durably when this returns, and its connections are being closed. Throws a
   * Refusal where it has none of that id.
   */
  end({ id: session, signIn }: Session, id: string): void {
    const exists = id === signIn || id === EARLIER_SIGN_IN || this.#table.find(session, id);
    if (!exists || id === ALL) throw new Refusal("not_found", "you have no such sign-in");
    this.#end({ session, id, at: this.#clock.now() }, [id]);
  }

  /** Ends all of a session but the one that asks, also those that are in no list. */
  endOthers({ id: session, signIn }: Session): void {
    const others = this.#table.list(session).map(({ id }) => id).filter((id) => id !== signIn);
    this.#end({ session, id: ALL + signIn, at: this.#clock.now() }, others);
  }

  [Symbol.dispose](): void {
    this.#sweeping[Symbol.dispose]();
  }

  #end(ended: EndedSignIn, gone: readonly string[]): void {
    const { session } = ended;
    this.#table.end(ended, gone);
    for (const id of gone) this.#recent.delete(`${session} ${id}`);
    this.#apply(ended);
  }

  /** Those of it who are here are sent away. */
  #apply(ended: EndedSignIn): void {
    const { session, at } = ended;
    this.#remember(ended);
    for (const visit of this.#visits?.of(session) ?? []) {
      if (visit.signIn === undefined || !covers(ended, visit.signIn, at)) continue;
      visit.dismiss("unauthorized", new Refusal("unauthorized", ENDED));
    }
  }

  #remember(ended: EndedSignIn): void {
    const { session, id } = ended;
    const known = id.startsWith(ALL) ? [] : this.#ended.get(session) ?? [];
    this.#ended.set(session, [...known.filter((each) => each.id !== id), ended]);
  }

  /** A connection that stays open for long is a use, and tokens of long ago are good for nobody. */
  #sweep(): void {
    this.#sweeping = this.#sweepLater();
    const now = this.#clock.now();
    for (const { session, signIn } of this.#visits?.since(this.#sweepMs) ?? []) {
      const known = signIn === undefined ? undefined : this.#table.find(session, signIn);
      const created = known?.created ?? now;
      const { address = "", agent = "" } = known ?? {};
      if (signIn !== undefined) {
        this.#table.use({ session, id: signIn, created, used: now, address, agent });
      }
    }
    this.#table.prune(now - this.#lifeMs);
    this.#ended.clear();
    for (const ended of this.#table.ended()) this.#remember(ended);
  }

  get #sweepMs(): number {
    return Math.min(DAY_MS, this.#lifeMs / 10);
  }

  #sweepLater(): Disposable {
    return this.#clock.after(this.#sweepMs, () => this.#sweep());
  }
}

/** Whether a token of that sign-in, issued then, is good no more. */
function covers({ id, at }: EndedSignIn, signIn: string, issuedAt: number): boolean {
  if (!id.startsWith(ALL)) return id === signIn;
  return id.slice(ALL.length) !== signIn && issuedAt <= at;
}

/** What a program says of itself, so that it can be shown. */
function shown(agent: string): string {
  return clean(agent).replace(/\s+/gu, " ").trim().slice(0, AGENT_CHARACTERS).toWellFormed();
}
