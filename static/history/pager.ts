import { fetchMessage, fetchMessages, type Page } from "../base/api.ts";
import { changedBy } from "../../lib/model/change.ts";
import type { Change } from "../../lib/model/message.ts";
import type { MessageList } from "../messages/message_list.ts";
import { seqIn } from "./permalink.ts";

/** Messages in one page of history. */
const PAGE = 100;

/** Loads pages of history into the list, and brings the viewer to a message. */
export class Pager {
  readonly #list: MessageList;
  readonly #missing: (seq: number) => void;
  /** How many answers are awaited, and what has changed meanwhile: an answer may be from before. */
  #awaited = 0;
  #changes: Change[] = [];

  /** `missing` is called where a message that was asked for is not in the log. */
  constructor(list: MessageList, missing: (seq: number) => void) {
    this.#list = list;
    this.#missing = missing;
  }

  /** A change has come through the log. */
  heard(change: Change): void {
    if (this.#awaited > 0) this.#changes.push(change);
  }

  older(before: number): Promise<void> {
    return this.#try(async () => {
      this.#list.addOlder((await this.#fetch({ before, limit: PAGE })).events, before);
    });
  }

  newer(after: number): Promise<void> {
    return this.#try(async () => {
      const { newest } = this.#list;
      const { events, more } = await this.#fetch({ after, limit: PAGE });
      this.#list.addNewer(events, more ? 0 : newest);
    });
  }

  latest(): Promise<void> {
    // After a reload the viewer should not be back at the message they have left.
    globalThis.history.replaceState(null, "", location.pathname);
    return this.#try(async () => {
      const { newest } = this.#list;
      this.#list.move((await this.#fetch({ limit: PAGE })).events, newest);
      this.#list.toEnd();
    });
  }

  /** To the message named by the hash of the address, if there is one. */
  toHash(): void {
    const seq = seqIn(location.hash);
    if (seq !== undefined) this.go(seq);
  }

  /** To a message anywhere in the log; the hash of the address becomes its seq. */
  async go(seq: number): Promise<void> {
    // The change of the hash calls this again.
    if (location.hash !== `#${seq}`) location.hash = String(seq);
    else if (!this.#list.reveal(seq)) await this.#around(seq);
  }

  /** To the first message after the seq: what has that seq may be no message. */
  afterUnread(seq: number): Promise<void> {
    return this.#try(async () => {
      const first = (await this.#fetch({ after: seq, limit: 1 })).events[0];
      if (first) await this.go(first.seq);
    });
  }

  /** A message that one in the list answers. */
  async quote(seq: number): Promise<void> {
    try {
      const message = await this.#upToDate(
        () => fetchMessage(seq),
        (found, change) => found && changedBy(found, change),
      );
      this.#list.quote(seq, message ?? "missing");
    } catch {
      this.#list.quote(seq, undefined); // best effort: the answer still says whom it answers
    }
  }

  #fetch(where: Parameters<typeof fetchMessages>[0]): Promise<Page> {
    return this.#upToDate(() => fetchMessages(where), ({ events, ...page }, change) => ({
      ...page,
      events: events.map((event) => changedBy(event, change)),
    }));
  }

  /** What is fetched, with what came through the log while it was under way. */
  async #upToDate<T>(load: () => Promise<T>, changed: (found: T, change: Change) => T): Promise<T> {
    const from = this.#changes.length;
    this.#awaited++;
    try {
      const found = await load();
      return this.#changes.slice(from).reduce(changed, found);
    } finally {
      if (--this.#awaited === 0) this.#changes = [];
    }
  }

  /** To the first message from a time on; where there is none, to the last. */
  day(time: number): Promise<void> {
    return this.#try(async () => {
      const { events } = await this.#fetch({ at: new Date(time).toISOString(), limit: PAGE });
      const found = events.find(({ at }) => at >= time) ?? events.at(-1);
      if (found) await this.go(found.seq);
    });
  }

  #around(seq: number): Promise<void> {
    return this.#try(async () => {
      const { events } = await this.#fetch({ around: seq, limit: PAGE });
      if (!events.some((entry) => entry.seq === seq)) return this.#missing(seq);
      this.#list.move(events);
      this.#list.reveal(seq);
    });
  }

  async #try(load: () => Promise<void>): Promise<void> {
    try {
      await load();
    } catch {
      this.#list.fail(); // the list offers to try again
    }
  }
}
