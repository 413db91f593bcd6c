import { type Change, isChange, type Message } from "../../lib/model/message.ts";
import type { RoomEvent } from "../../lib/client/mod.ts";
import type { Announcer } from "../attention/announcer.ts";
import type { Attention } from "../attention/attention.ts";
import type { Crowd } from "../people/crowd.ts";
import { h } from "../base/dom.ts";
import { mentions } from "../../lib/view/markup.ts";
import type { MessageList } from "../messages/message_list.ts";
import type { Reading } from "../history/reading.ts";
import type { Viewer } from "../../lib/view/message_view.ts";

/** The parts of the page that new messages concern. */
export interface IncomingViews {
  readonly list: MessageList;
  readonly crowd: Crowd;
  readonly announcer: Announcer;
  readonly attention: Attention;
  readonly reading: Reading;
}

/** Brings new messages into the list, and announces them or draws attention to them. */
export class Incoming {
  readonly #room: string;
  readonly #views: IncomingViews;
  readonly #viewer: () => Viewer;

  constructor(room: string, views: IncomingViews, viewer: () => Viewer) {
    this.#room = room;
    this.#views = views;
    this.#viewer = viewer;
  }

  /** The next entries of the log, in order. */
  add(entries: readonly (Message | Change)[]): void {
    if (entries.length === 0) return;
    const { list } = this.#views;
    list.add(entries);
    const messages = entries.filter((entry) => entry.type === "message");
    if (messages.length > 0) this.#said(messages);
    for (const entry of entries) if (isChange(entry)) this.#changed(entry);
  }

  #said(messages: readonly Message[]): void {
    const { crowd, announcer, attention } = this.#views;
    const { self } = this.#viewer();
    crowd.spoke(messages.map(({ from }) => from));
    const theirs = messages.filter(({ from, deleted }) => from !== self && !deleted);
    const isMention = ({ text }: Message) => self !== undefined && mentions(text, self);
    if (document.hidden) attention.heard(theirs, isMention);
    else announcer.messages(theirs);
  }

  #changed(change: Change): void {
    const { list, announcer, attention } = this.#views;
    const { self, locale } = this.#viewer();
    if (change.type === "delete") return attention.forget(change.ref);
    if (change.type !== "reaction" || !change.on || change.from === self || document.hidden) return;
    const { from: name, emoji } = change;
    const isOwn = list.find(change.ref)?.entry.from === self;
    if (isOwn) announcer.say(locale.say("reactedToYou", { name, emoji }));
  }

  /** The log does not continue what is shown: the list begins anew, and says why. */
  restart({ reason, epoch, first, asked }: Extract<RoomEvent, { type: "reset" }>): void {
    const { list, announcer, reading } = this.#views;
    const viewer = this.#viewer();
    reading.restart(epoch);
    list.open([], { first, last: first - 1, room: this.#room, viewer });
    const missing = Math.max(1, first - (asked ?? first - 2) - 1);
    const text = {
      gap: viewer.locale.say("gap", { n: missing }),
      epoch: viewer.locale.say("resetEpoch"),
      future: viewer.locale.say("resetFuture"),
    }[reason];
    list.note(h("strong", {}, text));
    announcer.say(text);
  }
}
