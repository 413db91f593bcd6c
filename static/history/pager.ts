import { fetchMessages } from "../base/api.ts";
import type { MessageList } from "../messages/message_list.ts";
import { seqIn } from "./permalink.ts";

/** Messages in one page of history. */
const PAGE = 100;

/** Loads pages of history into the list, and brings the viewer to a message. */
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
      this.#list.addOlder((await fetchMessages({ before, limit: PAGE })).events, before);
    });
  }

  newer(after: number): Promise<void> {
    return this.#try(async () => {
      const { newest } = this.#list;
      const { events, more } = await fetchMessages({ after, limit: PAGE });
      this.#list.addNewer(events, more ? 0 : newest);
    });
  }

  latest(): Promise<void> {
    // After a reload the viewer should not be back at the message they have left.
    globalThis.history.replaceState(null, "", location.pathname);
    return this.#try(async () => {
      const { newest } = this.#list;
      this.#list.move((await fetchMessages({ limit: PAGE })).events, newest);
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
      this.#list.fail(); // the list offers to try again
    }
  }
}
