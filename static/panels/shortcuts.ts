import { ALL_FEATURES, type Features } from "../../lib/model/features.ts";
import { keyOf } from "../base/dom.ts";
import type { StringKey } from "../../lib/view/strings/en.ts";

/** The actions of the keys that work everywhere on the page. */
export type Action = "latest" | "messages" | "search" | "sheet" | "write";

export interface Shortcut {
  /** As shown: keys that are pressed together joined by `+`, alternatives separated by a blank. */
  readonly keys: string;
  readonly what: StringKey;
  /** Undefined for keys that the message field handles. */
  readonly action?: Action;
}

/** All keyboard shortcuts. */
export const SHORTCUTS: readonly Shortcut[] = [
  { keys: "Enter", what: "keySend" },
  { keys: "Shift+Enter", what: "keyLine" },
  { keys: "↑", what: "keyEditLast" },
  { keys: "Esc", what: "keyClear" },
  { keys: "@ /", what: "keyComplete" },
  { keys: "Ctrl+K /", what: "keySearch", action: "search" },
  { keys: "Ctrl+↑", what: "keyMessages", action: "messages" },
  { keys: "Enter", what: "keyMenu" },
  { keys: "R + E Del", what: "keyOnMessage" },
  { keys: "Ctrl+↓", what: "keyLatest", action: "latest" },
  { keys: "Alt+C", what: "keyWrite", action: "write" },
  { keys: "Ctrl+/ ?", what: "keySheet", action: "sheet" },
];

/** Those that do something here. */
export function shortcutsOf({ search }: Features): readonly Shortcut[] {
  return SHORTCUTS.filter(({ action }) => search || action !== "search");
}

type Press = Pick<KeyboardEvent, "key" | "code" | "ctrlKey" | "metaKey" | "altKey">;

/** The action of a key. `writing`: the focus is in a field, where a key alone is a letter. */
export function actionOf(
  press: Press,
  writing: boolean,
  features: Features = ALL_FEATURES,
): Action | undefined {
  const pressed = shortcutsOf(features).find(({ keys, action }) =>
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
