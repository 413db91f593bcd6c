// What a page needs only once somebody does something, in one file: each part would be small, and would
// tear what it shares with app.ts into smaller files still.
import { PasswordDialog } from "./access/password_dialog.ts";
import { MeasureSheet } from "./moderation/measure_sheet.ts";
import { SearchPanel } from "./search/search_panel.ts";
import { SignInList } from "./sign_ins/sign_in_list.ts";
import { SettingsPanel } from "./panels/settings_panel.ts";
import { ShortcutSheet } from "./panels/shortcut_sheet.ts";

customElements.define("search-panel", SearchPanel);
// Before its parent, which uses it as soon as it is made.
customElements.define("sign-in-list", SignInList);
customElements.define("settings-panel", SettingsPanel);
customElements.define("shortcut-sheet", ShortcutSheet);
customElements.define("measure-sheet", MeasureSheet);
customElements.define("password-dialog", PasswordDialog);

export { MessageActions } from "./actions/message_actions.ts";
export { perform, TypingHelp } from "./composer/typed.ts";
