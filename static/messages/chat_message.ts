import type { Entry } from "../../lib/model/message.ts";
import type { Locale } from "../../lib/view/locale.ts";
import {
  dayView,
  messageView,
  NO_RELATION,
  relate,
  type Viewer,
} from "../../lib/view/message_view.ts";
import type { OutgoingMessage } from "../connection/outbox.ts";
import { build } from "../base/dom.ts";
import { type Branch, tree } from "../../lib/view/tree.ts";

/** One message in the list: stored, or still a draft. */
export class ChatMessage extends HTMLElement {
  /** What it shows; set when it is made, and never changed. */
  entry!: Entry;
  #dayLine: HTMLElement | undefined;

  /**
   * Looks right below `before`, which may be undefined: at the top of what is loaded. `adjacent`, where
   * the two are not siblings: whether nothing stands between them.
   */
  follow(before: ChatMessage | undefined, { locale }: Viewer, adjacent?: boolean): void {
    const sameDay = before && locale.sameDay(before.entry.at, this.entry.at);
    if (sameDay) {
      this.#dayLine?.remove();
      this.#dayLine = undefined;
    } else if (!this.#dayLine) {
      this.#dayLine = build(dayView(this.entry.at, Date.now(), locale));
      this.before(this.#dayLine);
    }
    // Between the two there may be a note; then the name is told again.
    adjacent ??= this.previousElementSibling === before;
    const relation = before && adjacent ? relate(before.entry, this.entry, locale) : NO_RELATION;
    for (const [name, is] of Object.entries(relation)) this.classList.toggle(name, is);
  }

  /** Looks as `same` did, which showed the same message. */
  takeOver(same: ChatMessage, focused: boolean): void {
    this.classList.toggle("marked", same.classList.contains("marked"));
    if (same.querySelector(".text:not(.folded)")) this.#unfold();
    if (focused) this.focus({ preventScroll: true });
  }

  /** Shows a long text to its end; the focus was on the button, which goes. */
  unfold(): void {
    this.#unfold();
    this.focus({ preventScroll: true });
  }

  #unfold(): void {
    this.querySelector(".text")?.classList.remove("folded");
    this.querySelector(".unfold")?.remove();
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "chat-message": ChatMessage;
  }
}

export function createMessage(entry: Entry, reader: Viewer): ChatMessage {
  const message = build(messageView(entry, reader)) as ChatMessage;
  message.entry = entry;
  return message;
}

/** What is not in the log yet: with what became of it, and what can be done. */
export function createDraft(
  draft: OutgoingMessage,
  connected: boolean,
  reader: Viewer,
): ChatMessage {
  const { text, at, state } = draft;
  const { locale, self = "" } = reader;
  const message = createMessage({ type: "message", seq: 0, at, from: self, text }, reader);
  message.removeAttribute("id");
  message.classList.add("draft", state);
  const status = statusView(draft, connected, locale);
  if (status) message.append(build(status));
  return message;
}

function statusView(
  { id, state, code }: OutgoingMessage,
  connected: boolean,
  locale: Locale,
): Branch | undefined {
  const reason = code === undefined ? "" : locale.reason(code) ?? locale.say("notAccepted");
  if (state === "failed") {
    return tree(
      "p",
      { class: "status" },
      tree("b", {}, locale.say("failed")),
      ` ${reason} `,
      tree("button", { type: "button", "data-retry": id }, locale.say("retry")),
      " ",
      tree("button", { type: "button", "data-discard": id }, locale.say("discard")),
    );
  }
  // What is about to come back through the log needs no word.
  if (state === "stored" || (connected && code === undefined)) return undefined;
  return tree("p", { class: "status" }, `${locale.say("waiting")} ${reason}`.trimEnd());
}
