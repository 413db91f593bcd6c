import type { Settings } from "../panels/settings.ts";

/** What children tell their parents, and what comes with it. Parents listen, children dispatch. */
export interface PageEvents {
  /** A text to post, as it was typed. */
  "chat-send": string;
  "chat-typing": undefined;
  /** A name to come in with, or to change to. */
  "chat-name": string;
  /** The messages before, or after, the seq are wanted. */
  "chat-older": number;
  "chat-newer": number;
  "chat-latest": undefined;
  /** The messages up to this seq have been in sight. */
  "chat-seen": number;
  /** To be shown in its context. */
  "chat-go": number;
  "chat-mention": string;
  "chat-reconnect": undefined;
  "chat-retry": string;
  "chat-discard": string;
  "chat-settings": Settings;
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
