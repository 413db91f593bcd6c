import type { Message, RoomEvent } from "../../lib/client/mod.ts";
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
  add(entries: readonly Message[]): void {
    if (entries.length === 0) return;
    const { list, crowd, announcer, attention } = this.#views;
    const { self } = this.#viewer();
    list.add(entries);
    crowd.spoke(entries.map(({ from }) => from));
    const theirs = entries.filter(({ from }) => from !== self);
    const isMention = ({ text }: Message) => self !== undefined && mentions(text, self);
    if (document.hidden) attention.heard(theirs, isMention);
    else announcer.messages(theirs);
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
