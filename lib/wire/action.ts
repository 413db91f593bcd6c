/** What is to be typed for a text that was stored, so that it means the same again. */
export function asTyped(text: string): string {
  const isCommand = text.startsWith("/") && action(text) === undefined;
  return isCommand ? `/${text}` : text;
}

/** The action of `/me`, as it is stored: `/me waves` is shown as `* ann waves`. */
export function action(text: string): string | undefined {
  return /^\/me\s+(\S[^]*)$/.exec(text)?.[1];
}
