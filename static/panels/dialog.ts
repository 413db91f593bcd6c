import { later } from "../base/later.ts";

/** The elements of later.ts that are opened by themselves. */
export type DialogTag =
  | "search-panel"
  | "settings-panel"
  | "shortcut-sheet"
  | "measure-sheet"
  | "password-dialog";

/** One of the dialogs of the page, to be opened. Rejects where they cannot be loaded. */
export async function dialog<K extends DialogTag>(tag: K): Promise<HTMLElementTagNameMap[K]> {
  await loadDialogs();
  return document.querySelector(tag)!;
}

/** Loads them before they are wanted. */
export async function loadDialogs(): Promise<void> {
  await later(import("../later.ts"));
}
