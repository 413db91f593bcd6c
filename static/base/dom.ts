import type { Branch } from "../../lib/view/tree.ts";

/** The handle of a timer; undefined where none was started. */
export type Timer = ReturnType<typeof setTimeout> | undefined;

type Value = string | number | boolean | undefined | ((event: Event) => void);

/**
 * An element with attributes and children. `true` is an attribute without a value; `false` and
 * `undefined` are none; a function listens to the event of that name. Texts become text nodes, so
 * that no message is ever parsed as HTML.
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
