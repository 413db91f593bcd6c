import { chooseLocale } from "../../lib/view/locale.ts";
import { openStorage } from "../base/storage.ts";
import { dress } from "../panels/look.ts";
import { parseSettings, SETTINGS_KEY } from "../panels/settings.ts";
import type { PasswordDialog } from "./password_dialog.ts";

/** The page of a room that cannot be read without its password: all it does is to ask for that. */
export function lockPage(dialog: PasswordDialog): void {
  const settings = parseSettings(openStorage().getItem(SETTINGS_KEY));
  dress(settings);
  dialog.open(chooseLocale(settings, navigator.languages), "read");
}
