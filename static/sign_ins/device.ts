/** By what they say of themselves; the first that fits, since most name others too. */
const BROWSERS: readonly [RegExp, string][] = [
  [/\bEdgA?\//, "Edge"],
  [/\bOPR\//, "Opera"],
  [/\b(?:Firefox|FxiOS)\//, "Firefox"],
  [/\b(?:Chrome|CriOS|HeadlessChrome)\//, "Chrome"],
  [/\bSafari\//, "Safari"],
];
const SYSTEMS: readonly [RegExp, string][] = [
  [/\bAndroid\b/, "Android"],
  [/\biPhone\b/, "iPhone"],
  [/\biPad\b/, "iPad"],
  [/\bWindows\b/, "Windows"],
  [/\bMac OS X\b/, "macOS"],
  [/\bLinux\b/, "Linux"],
];
const CHARACTERS = 40;

/** What a User-Agent says, in few words; undefined where it says nothing. */
export function deviceOf(agent: string): string | undefined {
  const named = (table: typeof BROWSERS) => table.find(([sign]) => sign.test(agent))?.[1];
  const known = [named(BROWSERS), named(SYSTEMS)].filter((part) => part !== undefined);
  return known.join(", ") || agent.slice(0, CHARACTERS) || undefined;
}
