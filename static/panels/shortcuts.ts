import type { StringKey } from "../../lib/view/strings/mod.ts";

/** What the keys of the whole page do. */
export type Action = "latest" | "messages" | "search" | "sheet" | "write";

export interface Shortcut {
  /** As they are shown: keys that are pressed together joined by `+`, several ways by a blank. */
  readonly keys: string;
  readonly what: StringKey;
  /** What is done wherever the focus is; without it the message field sees to the keys. */
  readonly action?: Action;
}

/** The one table of what can be done by the keyboard: the sheet is made of it. */
export const SHORTCUTS: readonly Shortcut[] = [
  { keys: "Enter", what: "keySend" },
  { keys: "Shift+Enter", what: "keyLine" },
  { keys: "↑", what: "keyLast" },
  { keys: "Esc", what: "keyClear" },
  { keys: "@ /", what: "keyComplete" },
  { keys: "Ctrl+K /", what: "keySearch", action: "search" },
  { keys: "Ctrl+↑", what: "keyMessages", action: "messages" },
  { keys: "Ctrl+↓", what: "keyLatest", action: "latest" },
  { keys: "Alt+C", what: "keyWrite", action: "write" },
  { keys: "Ctrl+/ ?", what: "keySheet", action: "sheet" },
];

type Press = Pick<KeyboardEvent, "key" | "code" | "ctrlKey" | "metaKey" | "altKey">;

/** What a key asks for; `writing`: the focus is in a field, where a key alone is a letter. */
export function actionOf(press: Press, writing: boolean): Action | undefined {
  const pressed = SHORTCUTS.find(({ keys, action }) =>
    action !== undefined && keys.split(" ").some((way) => isPressed(way, press, writing))
  );
  return pressed?.action;
}

const ARROWS: Readonly<Record<string, string>> = { "↑": "arrowup", "↓": "arrowdown" };

function isPressed(way: string, press: Press, writing: boolean): boolean {
  const [shown = "", modifier] = way.split("+").reverse();
  const control = press.ctrlKey || press.metaKey;
  if (control !== (modifier === "Ctrl") || press.altKey !== (modifier === "Alt")) return false;
  if (modifier === undefined && writing) return false;
  return keyOf(press) === (ARROWS[shown] ?? shown.toLowerCase());
}

/** A key that writes another script, or a special sign, is the one it is in the Latin layout. */
function keyOf({ key, code }: Press): string {
  const latin = /^Key([A-Z])$/.exec(code)?.[1];
  const foreign = key.length === 1 && key > "~";
  return (foreign && latin ? latin : key).toLowerCase();
}
