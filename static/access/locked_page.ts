import type { Locale } from "../../lib/view/locale.ts";
import { dialog } from "../panels/dialog.ts";
import { dress } from "../panels/look.ts";
import type { Settings } from "../panels/settings.ts";

/** The page of a room that cannot be read without its password: all it does is to ask for that. */
export async function lockPage(settings: Settings, locale: Locale): Promise<void> {
  dress(settings);
  (await dialog("password-dialog")).open(locale, "read");
}
