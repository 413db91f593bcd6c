import type { Message } from "../../lib/model/message.ts";
import type { MessageList } from "../messages/message_list.ts";
import { Seen } from "./seen.ts";
import type { TextStorage } from "../base/storage.ts";

/** How far the viewer has read, and the line in the list where they left off. */
export class Reading {
  readonly #storage: TextStorage;
  readonly #list: MessageList;
  #seen: Seen;

  /** `epoch` is that of the log which the list shows. */
  constructor(storage: TextStorage, list: MessageList, epoch: string) {
    this.#storage = storage;
    this.#list = list;
    this.#seen = new Seen(storage, epoch);
  }

  /** The messages up to this seq have been in sight. */
  upTo(seq: number): void {
    this.#seen.upTo(seq);
  }

  /** The page was loaded with these entries: what others wrote since the last visit is unread. */
  begin(entries: readonly Message[], self: string | undefined): void {
    const { seq } = this.#seen;
    const isNews = ({ seq: at, from }: Message) => at > seq! && from !== self;
    if (seq !== undefined && entries.some(isNews)) this.#list.markUnread(seq);
    this.#list.look();
  }

  /** The page is hidden: what comes from now on is unread. */
  pause(): void {
    this.#list.markUnread(this.#seen.seq);
  }

  /** The page is visible again. */
  resume(): void {
    this.#list.look();
  }

  /** The log is another, or has become shorter. */
  restart(epoch: string): void {
    this.#seen.forget();
    this.#seen = new Seen(this.#storage, epoch);
  }
}
