/**
 * A piece of a page as plain data. The server prints it as HTML, the page builds elements from it,
 * so both show the same. A string is always text, never HTML.
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

/**
 * The tree as HTML. Texts and attribute values are escaped, so anybody may have written them; tags
 * and attribute names must be ours. Of void elements there is only img.
 */
export function toHtml(node: Tree): string {
  if (typeof node === "string") return escapeHtml(node);
  const attributes = Object.entries(node.attributes)
    .map(([name, value]) => value === true ? ` ${name}` : ` ${name}="${escapeHtml(value)}"`);
  if (node.tag === "img") return `<img${attributes.join("")}>`;
  return `<${node.tag}${attributes.join("")}>${node.children.map(toHtml).join("")}</${node.tag}>`;
}

export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
