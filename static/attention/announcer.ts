import type { Entry } from "../../lib/model/message.ts";
import { action } from "../../lib/wire/commands.ts";
import type { ConnectionState } from "../../lib/client/mod.ts";
import type { Locale } from "../../lib/view/locale.ts";
import { plainMessage } from "../../lib/view/message_view.ts";

/** More messages than this at once are counted rather than read. */
const MOST = 3;
/** A longer text is not read to its end unasked. */
const MOST_CHARACTERS = 500;

/** Tells those who listen rather than look what is new, and never what was there before. */
export class Announcer {
  locale!: Locale;
  readonly #element: Element;
  /** Whether it has been said that the connection is lost. */
  #lost = false;

  /** The element is a live region. */
  constructor(element: Element) {
    this.#element = element;
  }

  say(text: string): void {
    this.#element.textContent = text;
  }

  messages(entries: readonly Entry[]): void {
    const last = entries.at(-1);
    if (!last) return;
    if (entries.length > MOST) {
      return this.say(this.locale.say("newMessages", { n: entries.length }));
    }
    const said = plainMessage(last);
    const who = action(last.text) === undefined ? `${last.from}: ` : "";
    this.say((who + said).slice(0, MOST_CHARACTERS));
  }

  /** That the connection is lost, and that it is back: once each. */
  connection({ type }: ConnectionState): void {
    if (type === "connecting") return;
    const lost = type !== "connected";
    if (lost === this.#lost) return;
    this.#lost = lost;
    this.say(this.locale.say(!lost ? "resumed" : type === "waiting" ? "reconnecting" : "offline"));
  }
}
