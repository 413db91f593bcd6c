/** Whether a room may lie under it: `/chat/`, `/a/b`, or `/`. It is fit for a cookie's path. */
export function isPrefix(path: string): boolean {
  return path === "/" || /^(?:\/(?!\.{1,2}(?:\/|$))[\w.~-]{1,64}){1,8}\/?$/.test(path);
}
