import type { Message } from "../../lib/model/message.ts";
import { action } from "../../lib/wire/action.ts";
import type { ConnectionState } from "../../lib/client/mod.ts";
import type { Locale } from "../../lib/view/locale.ts";
import { plainMessage } from "../../lib/view/message_view.ts";

/** Of more messages than this at once only the number is announced. */
const MOST = 3;
/** A longer text is announced only so far. */
const MOST_CHARACTERS = 500;

/** Announces what is new to screen readers, by a live region; never what was there before. */
export class Announcer {
  locale!: Locale;
  readonly #element: Element;
  /** Whether the last announcement of the connection said that it is lost. */
  #lost = false;

  /** The element is a live region. */
  constructor(element: Element) {
    this.#element = element;
  }

  say(text: string): void {
    this.#element.textContent = text;
  }

  messages(entries: readonly Message[]): void {
    const last = entries.at(-1);
    if (!last) return;
    if (entries.length > MOST) {
      return this.say(this.locale.say("newMessages", { n: entries.length }));
    }
    const said = plainMessage(last);
    const who = action(last.text) === undefined ? `${last.from}: ` : "";
    this.say((who + said).slice(0, MOST_CHARACTERS));
  }

  /** Announces once that the connection is lost, and once that it is back. */
  connection({ type }: ConnectionState): void {
    if (type === "connecting") return;
    const lost = type !== "connected";
    if (lost === this.#lost) return;
    this.#lost = lost;
    this.say(this.locale.say(!lost ? "resumed" : type === "waiting" ? "reconnecting" : "offline"));
  }
}
