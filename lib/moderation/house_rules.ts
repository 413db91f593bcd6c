import type { EventLoop } from "../base/event_loop.ts";
import { clientKey } from "../limits/mod.ts";
import type { Standing } from "../model/events.ts";
import type { DeleteDraft } from "../model/draft.ts";
import type { Receipt } from "../model/message.ts";
import { keptFrom, rateLimited } from "../model/refusal.ts";
import { nameKey } from "../names/mod.ts";
import {
  Measures,
  Operators,
  readRoomSetting,
  type Registry,
  shareRoomSettings,
  told,
} from "../registry/mod.ts";
import type { Arriving } from "../room/door.ts";
import { type Poster, refusalOf, type Removal, type Rules } from "../room/rules.ts";
import { Acquaintances } from "./acquaintances.ts";
import { type Kick, type Kicked, Kicks } from "./kicks.ts";

/** How long somebody who was kicked is kept out. */
export const KICK_MS = 60_000;
export const SLOW = "slow";
/** Above this many, those who may speak again are forgotten. */
const SWEEP_ABOVE = 1000;

/**
 * What operators have laid down, and how it is applied: at the door, to each post, to names. What is
 * durable is in the registry; it is answered from memory.
 */
export class HouseRules implements Rules {
  readonly operators: Operators;
  readonly measures: Measures;
  readonly acquaintances = new Acquaintances();
  readonly #registry: Registry;
  readonly #loop: EventLoop;
  readonly #kicks: Kicks;
  /** When each sender spoke last, on the monotonic clock. */
  readonly #spoke = new Map<string, number>();
  #sweepAt = SWEEP_ABOVE;
  #version: number;
  #slow: number;

  constructor(registry: Registry, loop: EventLoop) {
    this.#registry = registry;
    this.#loop = loop;
    this.#version = registry.version;
    this.operators = new Operators(registry);
    this.measures = new Measures(registry, () => loop.now());
    this.#slow = readRoomSetting(registry, SLOW) ?? 0;
    this.#kicks = new Kicks(registry, (kick) => this.onKick(kick));
    shareRoomSettings(registry, () => this.reread());
    this.operators.onTaken = () => this.onOperators();
  }

  get slow(): number | undefined {
    return this.#slow > 0 ? this.#slow : undefined;
  }

  /** Called when an operator has kicked somebody at another node. */
  onKick: (kick: Kicked) => void = () => {};

  /** Called when others are operators than before. */
  onOperators = () => {};

  /** Carries out what `overrule` is asked for. */
  onOverrule = (_draft: DeleteDraft, store: () => Promise<Receipt>): Promise<Receipt> => store();

  /** Looks whether another process has changed the registry, as `deno task operator` does. */
  refresh(): void {
    const { version } = this.#registry;
    if (version === this.#version) return;
    this.#version = version;
    this.reread();
    if (this.operators.refresh()) this.onOperators();
  }

  /** Reads anew what an order may have changed. */
  reread(): void {
    this.measures.refresh();
    this.#slow = readRoomSetting(this.#registry, SLOW) ?? 0;
  }

  isOperator(session: string): boolean {
    return this.operators.of(session) !== undefined;
  }

  nameOf(session: string): string | undefined {
    this.refresh();
    return this.operators.of(session)?.name;
  }

  standing(session: string): Standing {
    if (this.isOperator(session)) return { operator: true };
    const mute = this.measures.find("mute", { session });
    if (!mute) return {};
    const { type: _, ...muted } = told(mute);
    return { muted };
  }

  isKept(name: string, session: string | undefined): boolean {
    const key = nameKey(name);
    const operator = this.operators.named(key);
    if (operator) return operator.session !== session;
    const isOwn = session !== undefined && this.isOperator(session);
    return !isOwn && (["ban", "mute"] as const).some((type) => {
      const measure = this.measures.find(type, { key });
      return measure !== undefined &&
        (measure.session === undefined || measure.session !== session);
    });
  }

  saw(name: string, session: string, address: string): void {
    this.acquaintances.saw({ name, session, address });
  }

  /** A guard of the door. Throws a Refusal where the session, the name or the address is kept out. */
  checkArrival({ id, name, address }: Arriving): void {
    this.refresh();
    this.#checkHere({ session: id, name, address });
  }

  /** A guard of posts. Throws a Refusal where somebody is kept out, or muted. */
  checkPost({ session, address, name }: Poster): void {
    this.#checkHere({ session, name, address });
    if (session === undefined && name !== undefined) {
      this.acquaintances.saw({ name, session, address });
    }
    // Without a session there is nobody to tell apart from others of the address.
    const sought = session === undefined
      ? { key: name === undefined ? undefined : nameKey(name), address: keyOf(address) }
      : { session };
    const mute = this.measures.find("mute", sought);
    if (mute && !this.operators.of(session)) throw keptFrom(told(mute));
  }

  takeTurn({ session, address }: Poster): void {
    if (this.#slow === 0 || this.operators.of(session)) return;
    const sender = session ?? `address:${keyOf(address)}`;
    const now = this.#loop.monotonic();
    const waitMs = (this.#spoke.get(sender) ?? -Infinity) + 1000 * this.#slow - now;
    if (waitMs > 0) throw rateLimited(waitMs, `slow mode, one message in ${this.#slow} s`);
    this.#spoke.set(sender, now);
    if (this.#spoke.size > this.#sweepAt) this.#sweep(now);
  }

  overrule(draft: DeleteDraft, store: () => Promise<Receipt>): Promise<Receipt> {
    return this.onOverrule(draft, store);
  }

  /** Keeps somebody out for a minute. */
  kick(session: string | undefined, name: string, kick: Kick): void {
    this.#kicks.add({ session, name, kick });
  }

  /** The minute is over. */
  forgive(name: string): void {
    this.#kicks.delete(name);
  }

  removalOf({ session, name, address }: Omit<Poster, "proof">): Removal | undefined {
    if (this.measures.isEmpty && this.#kicks.isEmpty) return undefined;
    if (this.operators.of(session)) return undefined;
    const key = name === undefined ? undefined : nameKey(name);
    const ban = this.measures.find("ban", { session, key, address: keyOf(address) });
    if (ban) return { ...told(ban), type: "ban" };
    return this.#kicks.find({ session, key }, this.#loop.now());
  }

  #checkHere(poster: Omit<Poster, "proof">): void {
    const removal = this.removalOf(poster);
    if (removal) throw refusalOf(removal, this.#loop.now());
  }

  #sweep(now: number): void {
    for (const [sender, at] of this.#spoke) {
      if (at + 1000 * this.#slow <= now) this.#spoke.delete(sender);
    }
    this.#sweepAt = Math.max(SWEEP_ABOVE, 2 * this.#spoke.size);
  }
}

function keyOf(address: string | undefined): string | undefined {
  return address === undefined ? undefined : clientKey(address);
}
