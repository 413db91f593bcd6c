import type { OrderFields } from "../../lib/model/order.ts";
import type { Settings } from "../panels/settings.ts";

/** The events of the page with their details: children dispatch them, parents listen. */
export interface PageEvents {
  /** A text to post or a command, as it was typed. */
  "chat-send": string;
  "chat-typing": undefined;
  /** The wished name: the first one, or another. */
  "chat-name": string;
  /** Another name, from the settings, which are told what became of it. */
  "chat-rename": string;
  /** Asks for the messages before, or after, the seq. */
  "chat-older": number;
  "chat-newer": number;
  "chat-latest": undefined;
  /** The messages up to this seq have been in sight. */
  "chat-seen": number;
  /** Asks to show the message with this seq among its neighbours. */
  "chat-go": number;
  /** Asks to show the first message after the seq. */
  "chat-unread": number;
  /** Asks for the message with this seq, which one in sight answers. */
  "chat-quote": number;
  /** Asks to show the first message of a day or later, by the beginning of the day. */
  "chat-day": number;
  "chat-mention": string;
  "chat-reconnect": undefined;
  "chat-retry": string;
  "chat-discard": string;
  "chat-settings": Settings;
  /** An operator's token was typed. */
  "chat-operator": string;
  /** What an operator asks for. */
  "chat-order": OrderFields;
  /** The viewer has ended the sign-in of this browser. */
  "chat-signed-out": undefined;
  /** The password is wanted. */
  "chat-unlock": undefined;
}

export function emit<K extends keyof PageEvents>(
  from: EventTarget,
  name: K,
  ...[detail]: PageEvents[K] extends undefined ? [] : [PageEvents[K]]
): void {
  from.dispatchEvent(new CustomEvent(name, { bubbles: true, detail }));
}

export function listen<K extends keyof PageEvents>(
  on: EventTarget,
  name: K,
  action: (detail: PageEvents[K]) => void,
): void {
  on.addEventListener(name, (event) => action((event as CustomEvent<PageEvents[K]>).detail));
}
