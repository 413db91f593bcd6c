import type { Branch } from "../../lib/view/tree.ts";
import type { Settings } from "../panels/settings.ts";

/** What a timer is ended by, if one was started. */
export type Timer = ReturnType<typeof setTimeout> | undefined;

type Value = string | number | boolean | undefined | ((event: Event) => void);

/**
 * An element with attributes and children. `true` is an attribute without a value; `false` and
 * `undefined` are none; a function listens to the event of that name. Texts become text nodes, so
 * nothing that people wrote is ever read as HTML.
 */
export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Readonly<Record<string, Value>> = {},
  ...children: (Node | string)[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(name, value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== undefined && value !== false) element.setAttribute(name, String(value));
  }
  element.append(...children);
  return element;
}

/** A tree as an element of the document: what the server prints as HTML, the page builds with this. */
export function build(node: Branch): HTMLElement {
  const element = document.createElement(node.tag);
  for (const [name, value] of Object.entries(node.attributes)) {
    element.setAttribute(name, value === true ? "" : value);
  }
  for (const child of node.children) {
    element.append(typeof child === "string" ? child : build(child));
  }
  return element;
}

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
