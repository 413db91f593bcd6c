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

/**
 * Makes an element that was built from `before` show `after`. What is the same keeps its element, and
 * with it the focus; what others have changed or put in, where the trees do not differ, stays.
 */
export function patch(element: Element, before: Branch, after: Branch): void {
  patchAttributes(element, before.attributes, after.attributes);
  if (isSame(before.children, after.children)) return;
  const known = keyed(before.children);
  const wanted = keyed(after.children);
  if (!known || !wanted) {
    const children = after.children.map((child) =>
      typeof child === "string" ? child : build(child)
    );
    return element.replaceChildren(...children);
  }
  for (const key of known.keys()) if (!wanted.has(key)) childOf(element, key)?.remove();
  let previous: Element | undefined;
  for (const [key, child] of wanted) {
    const old = known.get(key);
    let there = old && childOf(element, key);
    if (there) patch(there, old!, child);
    else if (!old) {
      there = build(child);
      if (previous) previous.after(there);
      else element.prepend(there);
    }
    previous = there ?? previous;
  }
}

function patchAttributes(
  element: Element,
  before: Branch["attributes"],
  { class: classes, ...after }: Branch["attributes"],
): void {
  const { class: classesBefore, ...rest } = before;
  // Others add classes, too.
  element.classList.remove(
    ...tokens(classesBefore).filter((each) => !tokens(classes).includes(each)),
  );
  element.classList.add(...tokens(classes).filter((each) => !tokens(classesBefore).includes(each)));
  for (const name of Object.keys(rest)) if (!(name in after)) element.removeAttribute(name);
  for (const [name, value] of Object.entries(after)) {
    if (value !== rest[name]) element.setAttribute(name, value === true ? "" : value);
  }
}

function tokens(classes: string | true | undefined): string[] {
  return String(classes ?? "").split(" ").filter((token) => token !== "");
}

/** The children by what tells each from its siblings; undefined where something does not. */
function keyed(children: Branch["children"]): Map<string, Branch> | undefined {
  const all = new Map<string, Branch>();
  for (const child of children) {
    if (typeof child === "string" || all.has(markOf(child))) return undefined;
    all.set(markOf(child), child);
  }
  return all;
}

/** The tag, with what the child has in common with its later self: its emoji, or its first class. */
function markOf({ tag, attributes }: Branch): string {
  return `${tag} ${attributes["data-emoji"] ?? tokens(attributes.class)[0] ?? ""}`;
}

function childOf(element: Element, key: string): Element | undefined {
  const [tag = "", mark = ""] = key.split(" ");
  return [...element.children].find((child) =>
    child.localName === tag &&
    (mark === "" || child.classList.contains(mark) || child.getAttribute("data-emoji") === mark)
  );
}

function isSame(before: unknown, after: unknown): boolean {
  return JSON.stringify(before) === JSON.stringify(after);
}

/** The key in lower case; in a layout that is not Latin, the letter at the same place in one that is. */
export function keyOf({ key, code }: Pick<KeyboardEvent, "key" | "code">): string {
  const latin = /^Key([A-Z])$/.exec(code)?.[1];
  const foreign = key.length === 1 && key > "~";
  return (foreign && latin ? latin : key).toLowerCase();
}

/** Whether a key sends what is written: Enter, where there is another key for a new line. */
export function isSend({ key, shiftKey, altKey, ctrlKey, metaKey }: KeyboardEvent): boolean {
  return key === "Enter" && !shiftKey && !altKey && (ctrlKey || metaKey || !isTouched());
}

/** Whether fingers are all there is to point with. */
export function isTouched(): boolean {
  return matchMedia("(pointer: coarse) and (hover: none)").matches;
}
