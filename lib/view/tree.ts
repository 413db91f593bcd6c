/**
 * A piece of a page as plain data, so that the server can print what the page would build: one view,
 * two ways to show it. Texts are texts; neither way ever reads them as HTML.
 */
export type Tree = Branch | string;

export interface Branch {
  readonly tag: string;
  /** `true` is an attribute without a value. */
  readonly attributes: Readonly<Record<string, string | true>>;
  readonly children: readonly Tree[];
}

/** Attributes that are `undefined` or `false` are left out. */
export function tree(
  tag: string,
  attributes: Readonly<Record<string, string | number | boolean | undefined>>,
  ...children: readonly Tree[]
): Branch {
  const given: Record<string, string | true> = {};
  for (const [name, value] of Object.entries(attributes)) {
    if (value === true) given[name] = true;
    else if (value !== undefined && value !== false) given[name] = String(value);
  }
  return { tag, attributes: given, children };
}

/** As HTML. Tags and attribute names are ours; values and texts may be anybody's. No void elements. */
export function toHtml(node: Tree): string {
  if (typeof node === "string") return escapeHtml(node);
  const attributes = Object.entries(node.attributes)
    .map(([name, value]) => value === true ? ` ${name}` : ` ${name}="${escapeHtml(value)}"`);
  return `<${node.tag}${attributes.join("")}>${node.children.map(toHtml).join("")}</${node.tag}>`;
}

export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
