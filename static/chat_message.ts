import type { Entry } from "../lib/message.ts";
import { continues, dayView, messageView, type Reader } from "./message_view.ts";
import type { Draft } from "./outbox.ts";
import { isStringKey } from "./strings.ts";
import { build, tree } from "./tree.ts";

/** One message in the list: stored, or still a draft. */
export class ChatMessage extends HTMLElement {
  /** What it shows; set when it is made, and never changed. */
  entry!: Entry;
  #dayLine: HTMLElement | undefined;

  /** Looks right below `before`, which may be undefined: at the top of what is loaded. */
  follow(before: ChatMessage | undefined, { locale }: Reader): void {
    const sameDay = before && locale.sameDay(before.entry.at, this.entry.at);
    if (sameDay) {
      this.#dayLine?.remove();
      this.#dayLine = undefined;
    } else if (!this.#dayLine) {
      this.#dayLine = build(dayView(this.entry.at, Date.now(), locale));
      this.before(this.#dayLine);
    }
    // Between the two there may be a notice; then the name is told again.
    const adjacent = before && this.previousElementSibling === before;
    this.classList.toggle("continued", !!adjacent && continues(before.entry, this.entry, locale));
  }

  unfold(): void {
    this.querySelector(".text")?.classList.remove("folded");
    this.querySelector(".unfold")?.remove();
    this.focus({ preventScroll: true });
  }

  /** Everything that belongs to it leaves the list with it. */
  leave(): void {
    this.#dayLine?.remove();
    this.remove();
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "chat-message": ChatMessage;
  }
}

export function createMessage(entry: Entry, reader: Reader): ChatMessage {
  const message = build(messageView(entry, reader)) as ChatMessage;
  message.entry = entry;
  return message;
}

/** What is not in the log yet: with what became of it, and what can be done. */
export function createDraft(
  { id, text, at, state, code }: Draft,
  connected: boolean,
  reader: Reader,
): ChatMessage {
  const { locale, self = "" } = reader;
  const message = createMessage({ type: "message", seq: 0, at, from: self, text }, reader);
  message.removeAttribute("id");
  message.classList.add("draft", state);
  if (state === "failed") {
    const why = `error_${code}`;
    const reason = isStringKey(why) ? locale.say(why) : "";
    message.append(build(tree(
      "p",
      { class: "status" },
      `${locale.say("failed")}. ${reason} `,
      tree("button", { type: "button", "data-retry": id }, locale.say("retry")),
      " ",
      tree("button", { type: "button", "data-discard": id }, locale.say("discard")),
    )));
  } else if (!connected) {
    message.append(build(tree("p", { class: "status" }, locale.say("waiting"))));
  }
  return message;
}
