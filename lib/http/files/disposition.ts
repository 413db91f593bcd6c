/**
 * Content-Disposition (RFC 6266): the name as those read it who know UTF-8 (RFC 8187), and before that
 * as the others do. Whatever the name is, it ends nothing and adds no parameter.
 */
export function disposition(type: "inline" | "attachment", name: string): string {
  const plain = name.replace(/[^\x20-\x7e]|["\\%]/g, "_");
  const encoded = encodeURIComponent(name.toWellFormed())
    .replace(/['()*]/g, (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`);
  return `${type}; filename="${plain}"; filename*=UTF-8''${encoded}`;
}
