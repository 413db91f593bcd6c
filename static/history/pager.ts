import { fetchMessages } from "../base/api.ts";
import type { MessageList } from "../messages/message_list.ts";

/** Messages in one page of history. */
const PAGE = 100;

/** Brings the list what it lacks of the history, and the reader to the message they ask for. */
export class Pager {
  readonly #list: MessageList;
  readonly #missing: (seq: number) => void;

  /** `missing` is called where a message that was asked for is not in the log. */
  constructor(list: MessageList, missing: (seq: number) => void) {
    this.#list = list;
    this.#missing = missing;
  }

  older(before: number): Promise<void> {
    return this.#try(async () => {
      this.#list.addOlder((await fetchMessages({ before, limit: PAGE })).events);
    });
  }

  newer(after: number): Promise<void> {
    return this.#try(async () => {
      this.#list.addNewer((await fetchMessages({ after, limit: PAGE })).events);
    });
  }

  latest(): Promise<void> {
    // Who has left the message the address tells of does not want to be there after a reload.
    globalThis.history.replaceState(null, "", location.pathname);
    return this.#try(async () => {
      this.#list.move((await fetchMessages({ limit: PAGE })).events);
      this.#list.toEnd();
    });
  }

  /** To the message that the address tells of, if it does. */
  toHash(): void {
    const seq = /^#(\d{1,15})$/.exec(location.hash)?.[1];
    if (seq !== undefined) this.go(Number(seq));
  }

  /** To a message, wherever in the log, so that the address tells of it. */
  async go(seq: number): Promise<void> {
    // The change of the address brings us here again.
    if (location.hash !== `#${seq}`) location.hash = String(seq);
    else if (!this.#list.reveal(seq)) await this.#around(seq);
  }

  #around(seq: number): Promise<void> {
    return this.#try(async () => {
      const { events } = await fetchMessages({ around: seq, limit: PAGE });
      if (!events.some((entry) => entry.seq === seq)) return this.#missing(seq);
      this.#list.move(events);
      this.#list.reveal(seq);
    });
  }

  async #try(load: () => Promise<void>): Promise<void> {
    try {
      await load();
    } catch {
      this.#list.fail(); // which offers to try again
    }
  }
}
