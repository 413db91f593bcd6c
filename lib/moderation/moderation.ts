import type { EventLoop } from "../base/event_loop.ts";
import { isLoopback } from "../base/net/address.ts";
import { clientKey } from "../limits/mod.ts";
import type { ListedMeasure, ModerationNotice } from "../model/events.ts";
import type { Measure } from "../model/measure.ts";
import { untilText } from "../model/measure.ts";
import { type DeleteDraft, parseId, parseTopic } from "../model/draft.ts";
import type { Receipt } from "../model/message.ts";
import { isReserved, nameKey } from "../names/mod.ts";
import { type Order, type OrderFields, parseOrder } from "../model/order.ts";
import { Refusal, unavailable } from "../model/refusal.ts";
import {
  Actions,
  type KeptMeasure,
  type Registry,
  type Taken,
  told,
  writeRoomSetting,
} from "../registry/mod.ts";
import type { Room } from "../room/room.ts";
import type { Dismissable } from "../room/identity/visits.ts";
import { refusalOf, type Removal } from "../room/rules.ts";
import type { AuditFile, AuditRecord } from "./audit.ts";
import { type HouseRules, KICK_MS, SLOW } from "./house_rules.ts";
import type { Kick } from "./kicks.ts";

/** How often the registry is looked at for operators that were made or removed on the machine. */
const LOOK_MS = 1000;

/** Who gives an order, by whatever transport. */
export interface OrderBy {
  /** Undefined: nobody in particular, and so no operator. */
  readonly session: string | undefined;
}

/** What became of an order. */
export interface Done {
  readonly text: string;
  /** Of a topic: where it is stored. */
  readonly receipt?: Receipt;
  /** Of `bans`. */
  readonly bans?: readonly ListedMeasure[];
}

/** How an order is undone. */
type Undo =
  | { readonly type: "kick"; readonly session?: string | undefined; readonly name: string }
  | { readonly type: "end"; readonly number: number; readonly restore?: number | undefined }
  | { readonly type: "restore"; readonly number: number; readonly name: string }
  | { readonly type: "slow"; readonly was: number; readonly set: number }
  | { readonly type: "topic"; readonly was: string; readonly seq: number }
  /** It cannot be, and says so. */
  | { readonly type: "delete"; readonly ref: number };

/** Whom an order is about. */
interface Target {
  readonly name: string;
  readonly session: string | undefined;
  readonly addresses: readonly string[];
  /** Why an address is left out. */
  readonly sparing: string | undefined;
}

interface Operator {
  readonly session: string;
  readonly name: string;
}

export interface ModerationOptions {
  readonly registry: Registry;
  readonly rules: HouseRules;
  readonly audit: AuditFile;
  readonly loop: EventLoop;
  /** Whether an address is one that many come from: a proxy's. */
  readonly isShared: (address: string) => boolean;
  readonly report: (what: string, error?: unknown) => void;
}

/**
 * Carries out what operators ask for, whatever transport they ask by: writes it into the audit, keeps
 * it, applies it to who is here, and tells everybody. One order at a time takes effect.
 */
export class Moderation implements Disposable {
  readonly #room: Room;
  readonly #options: ModerationOptions;
  readonly #actions: Actions<Done, Undo>;
  #looking: Disposable;

  constructor(room: Room, options: ModerationOptions) {
    this.#room = room;
    this.#options = options;
    this.#actions = new Actions(options.registry);
    options.rules.onOperators = () => this.#announceOperators();
    options.rules.onKick = ({ session, name, kick }) => {
      this.#dismiss(this.#attending({ name, session, addresses: [] }), kick);
    };
    options.rules.measures.onTaken = (measure, isEnded) => this.#taken(measure, isEnded);
    options.rules.onOverrule = (draft, store) => this.#delete(draft, store);
    this.#looking = options.loop.after(LOOK_MS, () => this.#look());
  }

  [Symbol.dispose](): void {
    this.#looking[Symbol.dispose]();
  }

  /**
   * Does what an operator asks for. The same `id` again, by the same operator, does nothing and gets the
   * same answer. Rejects with a Refusal; what is refused has changed nothing.
   */
  async order(fields: OrderFields, by: OrderBy, rawId?: unknown): Promise<Done> {
    this.#options.rules.refresh();
    const operator = this.#operator(by);
    const order = parseOrder(fields);
    const id = parseId(rawId);
    const before = id === undefined ? undefined : this.#actions.answered(operator.session, id);
    if (before) {
      const { receipt } = before;
      return receipt ? { ...before, receipt: { ...receipt, duplicate: true } } : before;
    }
    switch (order.type) {
      case "bans":
        return this.#list();
      case "undo":
        return await this.#undo(operator, id);
      case "topic":
        return await this.#topic(operator, parseTopic(order.text), id);
      default:
        return this.#carryOut(order, operator, id);
    }
  }

  /** Throws a Refusal where it is no operator. */
  check(by: OrderBy): void {
    this.#options.rules.refresh();
    this.#operator(by);
  }

  /** What operators may see of how things are. Throws a Refusal where it is no operator who asks. */
  state(by: OrderBy): { readonly bans: readonly ListedMeasure[]; readonly slow: number } {
    this.check(by);
    return { bans: this.#list().bans!, slow: this.#options.rules.slow ?? 0 };
  }

  #operator({ session }: OrderBy): Operator {
    const operator = this.#options.rules.operators.of(session);
    if (operator) return operator;
    throw new Refusal("forbidden", "only operators can do that; an operator's token proves it");
  }

  #carryOut(
    order: Exclude<Order, { type: "bans" | "undo" | "topic" }>,
    operator: Operator,
    id: string | undefined,
  ): Done {
    switch (order.type) {
      case "kick":
        return this.#kick(order, operator, id);
      case "ban":
      case "mute":
        return this.#take(order, operator, id);
      case "unban":
        return this.#end("ban", order.who, operator, id);
      case "unmute":
        return this.#end("mute", order.name, operator, id);
      case "slow":
        return this.#slow(order.seconds, operator, id);
    }
  }

  #kick(
    { name: wanted, reason }: Extract<Order, { type: "kick" }>,
    operator: Operator,
    id: string | undefined,
  ): Done {
    const { rules, loop } = this.#options;
    const target = this.#target(wanted);
    const { name, session } = target;
    const attending = this.#attending(target);
    // A poll is nowhere between two turns, and its person is here all the same.
    if (attending.length === 0 && !this.#room.people.named(name)) {
      throw notFound(`${name} is not here; /ban ${name} also works later`);
    }
    const kick: Kick = {
      type: "kick",
      until: loop.now() + KICK_MS,
      ...(reason !== "" && { reason }),
    };
    const done = { text: `${name} was removed, and can come back in ${KICK_MS / 1000} s` };
    this.#keep(
      { by: operator.name, what: "kick", whom: name, until: kick.until, reason },
      { operator: operator.session, id, answer: done, undo: { type: "kick", session, name } },
    );
    rules.kick(session, name, kick);
    this.#dismiss(attending, kick);
    this.#tell({ ...withoutType(kick), action: "kick", by: operator.name, name });
    return done;
  }

  #take(
    { type, name: wanted, ms, reason }: Extract<Order, { type: "ban" | "mute" }>,
    operator: Operator,
    id: string | undefined,
  ): Done {
    const { rules, loop } = this.#options;
    const target = this.#target(wanted);
    const { name, session, addresses } = target;
    const at = loop.now();
    const until = ms === undefined ? undefined : at + ms;
    const taken: Taken = {
      type,
      name,
      key: nameKey(name),
      session,
      addresses,
      by: operator.name,
      reason,
      at,
      until,
    };
    const earlier = this.#earlier(type, target);
    const done = {
      text: type === "ban"
        ? `${name} is banned ${untilText(until)}${scope(target)}`
        : `${name} cannot write ${untilText(until)}`,
    };
    this.#keep(
      { by: operator.name, what: type, whom: name, until: until ?? null, reason },
      () => {
        if (earlier) rules.measures.end(earlier.number);
        const { number } = rules.measures.add(taken);
        const undo: Undo = { type: "end", number, restore: earlier?.number };
        return { operator: operator.session, id, answer: done, undo };
      },
    );
    if (type === "ban") {
      const ban = { ...told(taken), type: "ban" } as const;
      this.#dismiss(this.#attending(target), ban);
    } else this.#tellStanding(session);
    this.#tell({ ...withoutType(told(taken)), action: type, by: operator.name, name });
    return done;
  }

  #end(
    type: Taken["type"],
    who: string | number,
    operator: Operator,
    id: string | undefined,
  ): Done {
    const { measures } = this.#options.rules;
    const found = typeof who === "number"
      ? measures.get(who)
      : measures.all(type).find(({ key }) => key === nameKey(who)) ??
        measures.find(type, { session: this.#sessionOf(who) });
    if (!found || found.type !== type) {
      throw notFound(
        type === "ban"
          ? `nobody is banned as ${who}; /bans lists who is`
          : `${who} has not been muted`,
      );
    }
    const { number, name, session } = found;
    const done = { text: type === "ban" ? `${name} may come again` : `${name} may write again` };
    this.#keep({ by: operator.name, what: `un${type}`, whom: name }, () => {
      measures.end(number);
      const undo: Undo = { type: "restore", number, name };
      return { operator: operator.session, id, answer: done, undo };
    });
    this.#ended(type, name, session, operator);
    return done;
  }

  #slow(seconds: number, operator: Operator, id: string | undefined): Done {
    const { rules } = this.#options;
    const was = rules.slow ?? 0;
    const done = { text: slowText(seconds) };
    this.#setSlow(seconds, operator, {
      operator: operator.session,
      id,
      answer: done,
      undo: { type: "slow", was, set: seconds },
    });
    return done;
  }

  #setSlow(
    seconds: number,
    operator: Operator,
    action: Kept,
  ): void {
    const { rules, registry } = this.#options;
    this.#keep({ by: operator.name, what: "slow", seconds }, () => {
      writeRoomSetting(registry, SLOW, seconds);
      return action;
    });
    rules.reread();
    this.#tell({ action: "slow", by: operator.name, seconds });
  }

  async #topic(operator: Operator, text: string, id: string | undefined): Promise<Done> {
    const was = this.#room.log.topic?.text ?? "";
    this.#audit({ by: operator.name, what: "topic" });
    const receipt = await this.#setTopic(operator, text, id);
    const answer: Done = {
      text: text === "" ? "the room has no topic any more" : "the topic is set",
      receipt,
    };
    this.#registerAction({
      operator: operator.session,
      id,
      answer,
      undo: { type: "topic", was, seq: receipt.seq },
    });
    return answer;
  }

  #setTopic(operator: Operator, text: string, id?: string): Promise<Receipt> {
    const from = this.#room.people.find(operator.session)?.name ?? operator.name;
    return this.#room.store({
      type: "topic",
      sender: operator.session,
      from,
      text,
      ...(id !== undefined && { id }),
    });
  }

  /** An operator deletes what somebody else said. */
  async #delete(
    { sender, ref }: DeleteDraft,
    store: () => Promise<Receipt>,
  ): Promise<Receipt> {
    this.#options.rules.refresh();
    const operator = this.#operator({ session: sender });
    const [message] = await this.#room.log.readMessages({ after: ref - 1, limit: 1 });
    const whom = message?.seq === ref ? message.from : undefined;
    this.#audit({ by: operator.name, what: "delete", whom, message: ref });
    const receipt = await store();
    this.#registerAction({
      operator: operator.session,
      id: undefined,
      answer: { text: `#${ref} is deleted` },
      undo: { type: "delete", ref },
    });
    return receipt;
  }

  #list(): Done {
    const { measures } = this.#options.rules;
    const bans = [...measures.all("ban"), ...measures.all("mute")].map(listed);
    const lines = bans.map(({ number, type, name, by, until, reason }) =>
      `${number}  ${name}  ${type === "ban" ? "banned" : "muted"} ${untilText(until)} by ${by}` +
      (reason === undefined ? "" : `: ${reason}`)
    );
    return { text: lines.join("\n") || "nobody is banned or muted", bans };
  }

  async #undo(operator: Operator, id: string | undefined): Promise<Done> {
    const last = this.#actions.last(operator.session);
    if (!last) throw notFound("there is nothing of yours to undo");
    const { number, undo } = last;
    const { rules } = this.#options;
    const { measures } = rules;
    const action = (text: string) => ({
      undone: number,
      operator: operator.session,
      id,
      answer: { text },
    });
    switch (undo.type) {
      case "kick": {
        const undone = action(`${undo.name} may come back at once`);
        this.#keep({ by: operator.name, what: "undo kick", whom: undo.name }, undone);
        rules.forgive(undo.name);
        return undone.answer;
      }
      case "end": {
        const taken = measures.get(undo.number);
        if (!taken) return this.#tooLate(number, "it has ended already");
        const { type, name, session } = taken;
        const undone = action(
          type === "ban" ? `${name} may come again` : `${name} may write again`,
        );
        this.#keep({ by: operator.name, what: `undo ${type}`, whom: name }, () => {
          measures.end(undo.number);
          if (undo.restore !== undefined) measures.restore(undo.restore);
          return undone;
        });
        this.#ended(type, name, session, operator);
        return undone.answer;
      }
      case "restore": {
        const undone = action(`the measure against ${undo.name} is in force again`);
        this.#keep({ by: operator.name, what: "undo: in force again", whom: undo.name }, () => {
          measures.restore(undo.number);
          return undone;
        });
        this.#inForce(measures.get(undo.number), operator);
        return undone.answer;
      }
      case "slow": {
        if ((rules.slow ?? 0) !== undo.set) {
          return this.#tooLate(number, "the slow mode was set to something else since");
        }
        const undone = action(slowText(undo.was));
        this.#setSlow(undo.was, operator, undone);
        return undone.answer;
      }
      case "topic": {
        if (this.#room.log.topic?.seq !== undo.seq) {
          return this.#tooLate(number, "the topic was set to something else since");
        }
        this.#audit({ by: operator.name, what: "undo topic" });
        const receipt = await this.#setTopic(operator, undo.was);
        const undone = action("the topic is what it was before");
        this.#registerAction(undone);
        return { ...undone.answer, receipt };
      }
      case "delete":
        return this.#tooLate(number, `the text of #${undo.ref} is gone for good`);
    }
  }

  /** What cannot be undone any more: the next `undo` is about what was done before it. */
  #tooLate(number: number, why: string): never {
    this.#options.registry.now(() => this.#actions.undone(number));
    throw notFound(`that cannot be undone: ${why}`);
  }

  #ended(
    type: Taken["type"],
    name: string,
    session: string | undefined,
    operator: Operator,
  ): void {
    if (type === "mute") this.#tellStanding(session);
    this.#tell({ action: `un${type}`, by: operator.name, name });
  }

  /** A measure that was lifted is applied again to who is here. */
  #inForce(measure: KeptMeasure | undefined, operator: Operator): void {
    if (!measure) return; // its time was over
    this.#apply(measure);
    const { type, name } = measure;
    this.#tell({ ...withoutType(told(measure)), action: type, by: operator.name, name });
  }

  /** Another node has taken a measure, or ended it, and tells everybody. */
  #taken(measure: KeptMeasure, isEnded: boolean): void {
    if (!isEnded && this.#options.rules.measures.get(measure.number)) this.#apply(measure);
    else if (measure.type === "mute") this.#tellStanding(measure.session);
  }

  /** To who is at this node. */
  #apply(measure: KeptMeasure): void {
    const { type, session } = measure;
    if (type === "ban") this.#dismiss(this.#attending(measure), { ...told(measure), type: "ban" });
    else this.#tellStanding(session);
  }

  /** Whom a name means: the person who is here under it, else whoever had it last, else the name alone. */
  #target(wanted: string): Target {
    const { rules, isShared } = this.#options;
    const here = this.#room.people.named(wanted);
    const lately = rules.acquaintances.find(wanted);
    const before = here && lately?.session !== here.session ? undefined : lately;
    const name = here?.name ?? before?.name ?? wanted;
    // Who only posts was never here; and who was, perhaps at another node.
    const session = here?.session ?? before?.session ?? this.#room.people.heldBy(wanted);
    const operator = rules.operators.of(session) ?? rules.operators.named(nameKey(name));
    if (operator) {
      throw new Refusal(
        "forbidden",
        `${name} is an operator; only whoever runs the machine can do that (deno task operator --remove)`,
      );
    }
    if (!here && isReserved(name)) {
      throw new Refusal("bad_request", `"${name}" is nobody's name; it is not kept from anybody`);
    }
    const seen = [
      ...(session === undefined ? [] : this.#room.visits.of(session)).map(({ address }) => address),
      before?.address,
    ].filter((address) => address !== undefined);
    const operators = new Set(
      this.#room.visits.all.filter((each) => rules.operators.of(each.session))
        .map(({ address }) => address && clientKey(address)),
    );
    const isSpared = (address: string) =>
      isLoopback(address) || isShared(address) || operators.has(clientKey(address));
    const spared = seen.find(isSpared);
    return {
      name,
      session,
      addresses: [...new Set(seen.filter((address) => !isSpared(address)).map(clientKey))],
      sparing: spared === undefined
        ? undefined
        : operators.has(clientKey(spared)) && !isLoopback(spared)
        ? "an operator comes from there too"
        : "others come from there too",
    };
  }

  /** The measure of the same kind that is in force for the same name or session. */
  #earlier(type: Taken["type"], { name, session }: Target): KeptMeasure | undefined {
    return this.#options.rules.measures.all(type).find((measure) =>
      measure.key === nameKey(name) ||
      session !== undefined && measure.session === session
    );
  }

  /** The connections that somebody has, by session, name and address; never an operator's. */
  #attending(
    { name, session, addresses }: Pick<Target, "name" | "session" | "addresses">,
  ): Dismissable[] {
    const { rules } = this.#options;
    const named = this.#room.people.named(name)?.session;
    return this.#room.visits.all.filter((each) => {
      if (rules.operators.of(each.session)) return false;
      if (each.session === session || each.session === named) return true;
      return each.address !== undefined && addresses.includes(clientKey(each.address));
    });
  }

  #dismiss(visits: readonly Dismissable[], removal: Removal): void {
    const refusal = refusalOf(removal, this.#options.loop.now());
    for (const visit of visits) visit.dismiss(removal.type, refusal);
  }

  #sessionOf(name: string): string | undefined {
    return this.#room.people.named(name)?.session ??
      this.#options.rules.acquaintances.find(name)?.session ?? this.#room.people.heldBy(name);
  }

  /** Tells all connections of a session what is particular about it now. */
  #tellStanding(session: string | undefined): void {
    if (session === undefined) return;
    for (const each of this.#room.visits.of(session)) {
      each.tell(this.#options.rules.standing(session));
    }
  }

  #tell(notice: Omit<ModerationNotice, "type">): void {
    const { action, name, by, until, reason, seconds } = notice;
    this.#room.notifyAll({
      type: "moderation",
      action,
      ...(name !== undefined && { name }),
      by,
      ...(until !== undefined && { until }),
      ...(reason !== undefined && { reason }),
      ...(seconds !== undefined && { seconds }),
    });
  }

  /** Into the audit first, then durably into the registry: what is not on the disk is not done. */
  #keep(record: AuditRecord, action: Kept | (() => Kept)): void {
    this.#audit(record);
    try {
      this.#options.registry.now(() => this.#add(typeof action === "function" ? action() : action));
    } catch (cause) {
      this.#options.rules.reread();
      this.#options.report("cannot keep what an operator did", cause);
      throw unavailable("that cannot be stored at the moment", 5, cause);
    }
  }

  #registerAction(action: Kept): void {
    try {
      this.#options.registry.now(() => this.#add(action));
    } catch (error) {
      // The entry is stored: what is lost is what `undo` says of it.
      this.#options.report("cannot keep what an operator did", error);
    }
  }

  #add(action: Kept): void {
    if ("undone" in action) {
      this.#actions.undone(action.undone);
      const { operator, id, answer } = action;
      if (id !== undefined) this.#actions.add({ operator, id, answer, undo: undefined });
    } else this.#actions.add(action);
  }

  #audit(record: AuditRecord): void {
    try {
      this.#options.audit.append(record);
    } catch (cause) {
      this.#options.report("cannot write the audit of what operators do", cause);
      throw unavailable("that cannot be stored at the moment", 5, cause);
    }
  }

  /** Somebody is an operator now, or is none any more. */
  #announceOperators(): void {
    this.#room.notify(this.#room.presence());
    for (const each of this.#room.visits.all) {
      each.tell(this.#options.rules.standing(each.session));
    }
  }

  #look(): void {
    try {
      this.#options.rules.refresh();
    } catch (error) {
      this.#options.report("cannot read who is an operator", error);
    }
    this.#looking = this.#options.loop.after(LOOK_MS, () => this.#look());
  }
}

/** What is kept of an order: how it is undone, or that it undid another. */
type Kept =
  | Parameters<Actions<Done, Undo>["add"]>[0]
  | {
    readonly undone: number;
    readonly operator: string;
    readonly id: string | undefined;
    readonly answer: Done;
  };

function withoutType({ type: _, ...rest }: Measure): Omit<Measure, "type"> {
  return rest;
}

function listed({ number, type, name, by, at, until, reason }: KeptMeasure): ListedMeasure {
  return { ...told({ type, until, reason }), type, number, name, by, at };
}

/** By what somebody is banned. */
function scope({ session, addresses, sparing }: Target): string {
  const by = [
    "name",
    ...(session === undefined ? [] : ["session"]),
    ...addresses.map(() => "address"),
  ];
  const what = [...new Set(by)].join(", ");
  return sparing === undefined ? ` (by ${what})` : ` (by ${what}; not by address: ${sparing})`;
}

function slowText(seconds: number): string {
  return seconds === 0 ? "the slow mode is over" : `slow mode: one message in ${seconds} s`;
}

function notFound(message: string): Refusal {
  return new Refusal("not_found", message);
}
