import type { Client } from "../../lib/client/mod.ts";
import type { Viewer } from "../../lib/view/message_view.ts";
import type { MessageCommand } from "../../lib/wire/commands.ts";
import type { Announcer } from "../attention/announcer.ts";
import { later } from "../base/later.ts";
import { emit } from "../base/page_events.ts";
import type { ChangeWish } from "../../lib/client/mod.ts";
import type { TextStorage } from "../base/storage.ts";
import type { MessageComposer } from "../composer/message_composer.ts";
import type { ChatMessage } from "../messages/chat_message.ts";
import type { MessageList } from "../messages/message_list.ts";
import { abilitiesOf, type Circumstances } from "./abilities.ts";
import { Deletions, UNDO_MS } from "./deletions.ts";
import type { MessageActions } from "./message_actions.ts";

/** What the conversation is about, and what it is for. */
export interface ConversationOptions {
  readonly client: Client;
  readonly storage: TextStorage;
  readonly list: MessageList;
  readonly composer: MessageComposer;
  readonly announcer: Announcer;
  readonly viewer: () => Viewer;
  /** What there is to do for the viewer, as it is now. */
  readonly circumstances: () => Omit<Circumstances, "self" | "operator" | "now">;
  /** Asks for a name, or for whatever keeps the viewer from writing. */
  readonly enter: () => void;
  /** Says something to the viewer alone. */
  readonly tell: (text: string) => void;
}

/** What reaches the actions: the events by which one of them can be wished for. */
const EVENTS = ["pointerover", "focusin", "keydown", "pointerdown", "contextmenu"] as const;
/** When nothing else is to be done, what the actions need is loaded, so that they are there at once. */
const AHEAD_MS = 3000;

/**
 * What the viewer does with the messages of others and their own: answers, edits, deletes, reacts. What
 * is offered at a message is loaded when one is first pointed at.
 */
export class Conversation {
  readonly #options: ConversationOptions;
  readonly #deletions: Deletions;
  #actions: MessageActions | undefined;
  #loading: Promise<MessageActions> | undefined;

  constructor(options: ConversationOptions) {
    this.#options = options;
    const { client, list } = options;
    this.#deletions = new Deletions({
      changed: (seq, is) => list.delete(seq, is),
      send: (seq) => {
        // What becomes of it is shown by what is outgoing.
        client.remove(seq).catch(() => {});
      },
    });
  }

  /** To be called once. */
  listen(): void {
    const { list, composer } = this.#options;
    list.addEventListener("click", ({ target }) => this.#click(target as Element));
    for (const type of EVENTS) {
      list.addEventListener(type, (event) => this.#hand(event), { passive: false });
    }
    composer.editLast = () => this.#editLast();
    setTimeout(() => this.#load().catch(() => {}), AHEAD_MS); // best effort: it is loaded when used
  }

  /** Does what was typed about a message. Rejects with a Refusal, also where the message is not shown. */
  async perform(command: MessageCommand): Promise<void> {
    const { client, viewer, enter, tell } = this.#options;
    const { locale, self } = viewer();
    if (self === undefined) return enter();
    const ref = command.ref ?? (command.type === "edit" ? this.#last()?.entry.seq : undefined);
    if (ref === undefined) return tell(locale.say("messageWanted"));
    switch (command.type) {
      case "reply":
        return void await client.say(command.text, { re: ref });
      case "edit":
        return void await client.edit(ref, command.text);
      case "delete":
        return void await client.remove(ref);
      case "reaction":
        return void await client.react(ref, command.emoji, command.on);
    }
  }

  #change(wish: ChangeWish<number>): void {
    const { client, viewer, enter, announcer } = this.#options;
    const { locale, self } = viewer();
    if (self === undefined) return enter();
    if (wish.type === "edit") client.edit(wish.ref, wish.text).catch(() => {});
    else if (wish.type === "reaction") client.react(wish.ref, wish.emoji, wish.on).catch(() => {});
    else {
      this.#deletions.begin(wish.ref);
      announcer.say(locale.say("deletedSoon", { n: UNDO_MS / 1000 }));
    }
  }

  #undo(seq: number): void {
    const { announcer, viewer } = this.#options;
    if (this.#deletions.undo(seq)) announcer.say(viewer().locale.say("restored"));
  }

  #reply(seq: number): void {
    const { list, composer, viewer, enter } = this.#options;
    const row = list.find(seq);
    if (viewer().self === undefined || !this.#can(row)?.reply) return enter();
    composer.answer(row!.shown);
    composer.focus();
  }

  #editLast(): boolean {
    if (this.#options.list.hasDrafts) return false;
    const last = this.#last();
    if (!last || !this.#can(last)?.edit) return false;
    this.#load().then((actions) => actions.edit(last), () => this.#failed());
    return true;
  }

  /** What the viewer said last, of what is shown. */
  #last(): ChatMessage | undefined {
    const { list, viewer } = this.#options;
    const { self } = viewer();
    return list.findLast(({ shown }) => shown.from === self && !shown.deleted);
  }

  #can(row: ChatMessage | undefined): ReturnType<typeof abilitiesOf> | undefined {
    const { self, operator = false } = this.#options.viewer();
    const circumstances = this.#options.circumstances();
    return row && abilitiesOf(row.shown, { ...circumstances, self, operator, now: Date.now() });
  }

  #click(target: Element): void {
    const row = target.closest("chat-message");
    const button = target.closest("button");
    if (!row || !button || row.classList.contains("draft")) return;
    const { seq: ref } = row.entry;
    const { emoji, undo, retry, discard, editAgain } = button.dataset;
    if (emoji !== undefined && button.parentElement!.classList.contains("reactions")) {
      this.#change({ type: "reaction", ref, emoji, on: button.ariaPressed !== "true" });
    } else if (undo !== undefined) this.#undo(ref);
    else if (retry !== undefined) emit(row, "chat-retry", retry);
    else if (discard !== undefined) emit(row, "chat-discard", discard);
    else if (editAgain !== undefined) this.#editAgain(row, editAgain);
  }

  #editAgain(row: ChatMessage, id: string): void {
    const { client } = this.#options;
    const failed = client.outgoing.find((each) => each.id === id);
    if (failed?.type !== "edit") return;
    emit(row, "chat-discard", id);
    this.#load().then((actions) => actions.edit(row, failed.text), () => this.#failed());
  }

  #hand(event: Event): void {
    if (this.#actions) return this.#actions.handle(event);
    // Only what is wished for at a message.
    if (!(event.target as Element).closest("chat-message")) return;
    this.#load().then((actions) => actions.handle(event), () => {
      if (event.type === "keydown") this.#failed();
    });
  }

  #load(): Promise<MessageActions> {
    const { list, storage, viewer, tell } = this.#options;
    return this.#loading ??= later(import("../later.ts")).then(
      ({ MessageActions }) =>
        this.#actions = new MessageActions(list, storage, {
          locale: () => viewer().locale,
          limit: () => this.#options.circumstances().limit,
          can: (row) => this.#can(row)!,
          change: (wish) => this.#change(wish),
          reply: (seq) => this.#reply(seq),
          undo: (row) => this.#undo(row.entry.seq),
          say: (text) => this.#options.announcer.say(text),
          leave: () => this.#options.composer.focus(),
          tell,
        }),
      (error) => {
        this.#loading = undefined; // the next one tries again
        throw error;
      },
    );
  }

  #failed(): void {
    this.#options.tell(this.#options.viewer().locale.say("error_network"));
  }
}

/** What an answer says about the message it answers, as the log takes it. */
export function answeredBy(composer: MessageComposer): { re?: number } {
  const { answered } = composer;
  composer.answer(undefined);
  return answered === undefined ? {} : { re: answered };
}
