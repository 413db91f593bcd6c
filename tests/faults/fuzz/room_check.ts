import { assert, assertEquals } from "@std/assert";
import { changedBy } from "../../../lib/model/change.ts";
import { type Entry, isChange, type Message, textOf } from "../../../lib/model/message.ts";
import { TRANSPORTS } from "../../transports/clients/all.ts";
import type { Client } from "../../transports/clients/client.ts";
import type { AttackedServer } from "./server.ts";

/** What only those who are in may come to know: what normal users are called, and what they say. */
export const OF_THE_ROOM = /still here \d|user\d+-/;
/** Within this everything that has ended must have gone. */
const GONE_MS = 10_000;
const LOOK_MS = 20;

/**
 * Normal users, one over each way in, who are there while others do what they like. Disposing lets
 * them leave.
 */
export class NormalUsers implements AsyncDisposable {
  readonly #server: AttackedServer;
  readonly #turn: number;
  readonly #users: readonly Client[];

  private constructor(server: AttackedServer, turn: number, users: readonly Client[]) {
    this.#server = server;
    this.#turn = turn;
    this.#users = users;
  }

  /** Under other names each turn: those of the turn before may not have left yet. */
  static async join(server: AttackedServer, turn: number): Promise<NormalUsers> {
    const names = namesOf(turn);
    const users = TRANSPORTS.map(async (transport, i) => {
      const credentials = await server.credentialsFor(transport, names[i]!);
      return await transport.join(server.at, { ...credentials, recent: 0 });
    });
    return new NormalUsers(server, turn, await Promise.all(users));
  }

  /** The name of one of them. */
  get name(): string {
    const names = namesOf(this.#turn);
    return names[this.#turn % names.length]!;
  }

  /** One of them speaks, and all of them read it as the same entry. Returns its seq. */
  async speak(): Promise<number> {
    const text = `still here ${this.#turn}`;
    const { seq } = await this.#users[this.#turn % this.#users.length]!.say(text);
    await Promise.all(this.#users.map(({ inbox }) => inbox.untilSeq(seq)));
    for (const [i, { inbox }] of this.#users.entries()) {
      const said = inbox.messages.find((message) => message.seq === seq);
      assertEquals(said?.text, text);
      // Some lines, as what somebody did (/me), these clients do not read.
      if (TRANSPORTS[i]!.form !== "lines") inSequence(inbox.entries, "what a normal user read");
    }
    return seq;
  }

  /** Nobody else is counted: who has gone has left. */
  async areAlone(): Promise<void> {
    const wanted = namesOf(this.#turn).sort();
    const until = performance.now() + GONE_MS;
    for (;;) {
      const { at, watching } = this.#server;
      const here = await fetch(`${at.url}/api/presence`, { headers: watching });
      const { names } = await here.json();
      if (JSON.stringify(names?.toSorted()) === JSON.stringify(wanted)) return;
      if (performance.now() > until) assertEquals(names?.toSorted(), wanted);
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#users.map((user) => user.leave()));
  }
}

function namesOf(turn: number): string[] {
  return TRANSPORTS.map(({ name }) => `user${turn}${name.replaceAll(/[^a-zA-Z]+/g, "-")}`);
}

/** Reads the log from where it read last, and holds it to what PROTOCOL.md says of entries. */
export class LogCheck {
  readonly #server: AttackedServer;
  #last: Entry | undefined;
  /** Messages as the entries so far have made them. */
  readonly #messages = new Map<number, Message>();

  constructor(server: AttackedServer) {
    this.#server = server;
  }

  /** Up to the end, which is at `seq` or after it. */
  async readTo(seq: number): Promise<void> {
    for (;;) {
      const since = this.#last?.seq ?? 0;
      const { events, more } = await this.#ask(`/poll?since=${since}&wait=0&lurk=1`);
      for (const entry of events) {
        checkEntry(entry);
        if (this.#last) inSequence([this.#last, entry], "the log");
        this.#last = entry;
        this.#take(entry);
      }
      if (!more) break;
    }
    assert((this.#last?.seq ?? 0) >= seq, `the log ends at ${this.#last?.seq}, before ${seq}`);
    const { events: newest } = await this.#ask("/api/messages?limit=200");
    for (const message of newest as readonly Message[]) {
      // Somebody may have said or changed it since: the next look compares it.
      if ((message.changed ?? message.seq) > this.#last!.seq) continue;
      // Read on the way or as it is now, it is the same.
      assertEquals(this.#messages.get(message.seq), message);
    }
  }

  #take(entry: Entry): void {
    if (entry.type === "message") this.#messages.set(entry.seq, entry);
    if (!isChange(entry)) return;
    const message = this.#messages.get(entry.ref);
    assert(message, `${JSON.stringify(entry)} is about no message`);
    this.#messages.set(entry.ref, changedBy(message, entry));
  }

  async #ask(path: string): Promise<{ events: Entry[]; more?: boolean }> {
    const { at, watching } = this.#server;
    return await (await fetch(at.url + path, { headers: watching })).json();
  }
}

function inSequence(entries: readonly Pick<Entry, "seq" | "at">[], what: string): void {
  for (const [i, { seq, at }] of entries.entries()) {
    const before = entries[i - 1];
    if (!before) continue;
    assertEquals(seq, before.seq + 1, `${what} has a hole, or is out of order`);
    assert(at >= before.at, `${what}: ${seq} is older than ${before.seq}`);
  }
}

// Said once more, and not taken from the server's own modules: these are what is tested.
// deno-lint-ignore no-control-regex
const NOT_IN_TEXT = /[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]/;
const NOT_IN_NAME =
  /[\p{Cc}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/u;
const EMOJI = /^\p{RGI_Emoji}$/v;
/** A name that reads like a line of the room. */
const LINE_NAME = /:|^[*!#|/]|^\[\d/;

/** Nothing is stored that a valid client could not have stored. */
function checkEntry(entry: Entry): void {
  const { seq, from, id } = entry;
  const where = `entry ${seq}: ${JSON.stringify(entry).slice(0, 300)}`;
  assert(entry.type !== "topic", `${where}: only operators may store that, and nobody is one`);
  const text = textOf(entry);
  const count = Array.from(text).length;
  const isGone = entry.type === "edit" || entry.type === "message" && entry.deleted;
  if (entry.type === "message" || entry.type === "edit") {
    assert(count <= 4000 && (text.trim() !== "" || isGone), where);
  }
  if (isChange(entry)) assert(Number.isSafeInteger(entry.ref) && entry.ref < seq, where);
  if (entry.type === "reaction") assert(EMOJI.test(entry.emoji), where);
  if (entry.type === "message") {
    const { re = 0, changed = Infinity, reactions = [], files } = entry;
    assert(re < seq && changed > seq && reactions.length <= 20, where);
    assert(files === undefined, `${where}: nobody has sent a file`);
    for (const { emoji, count, names } of reactions) {
      assert(EMOJI.test(emoji) && count >= 1 && names.length === Math.min(count, 20), where);
    }
  }
  assert(!NOT_IN_TEXT.test(text) && text.isWellFormed(), where);
  const letters = Array.from(from).length;
  assert(letters >= 1 && letters <= 32 && !NOT_IN_NAME.test(from), where);
  assert(!LINE_NAME.test(from), where);
  assert(from === from.normalize("NFKC").trim() && !/\s\s/.test(from), where);
  assert(id === undefined || /^[ -~]{1,64}$/.test(id), where);
}
