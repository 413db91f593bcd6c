import { ChatMessage } from "./messages/chat_message.ts";
import { ChatRoom } from "./room/chat_room.ts";
import { MessageComposer } from "./composer/message_composer.ts";
import { CodeBlock } from "./code/code_block.ts";
import { ConnectionChip } from "./connection/connection_chip.ts";
import { FIRST_SCREEN_ID, type FirstScreen } from "../lib/view/first_screen.ts";
import { BannedNotice } from "./moderation/banned_notice.ts";
import { MessageList } from "./messages/message_list.ts";
import { NameForm } from "./composer/name_form.ts";
import { chooseLocale, type Locale } from "../lib/view/locale.ts";
import { openStorage } from "./base/storage.ts";
import { Database } from "./base/database.ts";
import { keepOffline } from "./offline/service_worker.ts";
import { readCopy, removeCopy } from "./offline/copy.ts";
import { lockPage } from "./access/locked_page.ts";
import { ReadOnlyBar } from "./access/read_only_bar.ts";
import { PeoplePanel } from "./people/people_panel.ts";
import { parseSettings, type Settings, SETTINGS_KEY } from "./panels/settings.ts";
import { TypingLine } from "./people/typing_line.ts";

// The first paint shows what the server rendered; scripts start after it. A hidden page has no frames.
if (document.hidden) start();
else requestAnimationFrame(() => setTimeout(start));

async function start(): Promise<void> {
  // A page of the history for a browser without scripts: here that is a place in the whole of it.
  const before = Number(new URLSearchParams(location.search).get("before"));
  if (before > 1) return location.replace(`./#${before - 1}`);
  const settings = parseSettings(openStorage().getItem(SETTINGS_KEY));
  const locale = await chooseLocale(settings, navigator.languages)
    // Rather than none, that of the page, whose texts have come with it.
    .catch(() => chooseLocale({ ...settings, language: "auto" }, [document.documentElement.lang]));
  // Children before their parents: a parent uses its children as soon as it is made.
  customElements.define("code-block", CodeBlock);
  customElements.define("chat-message", ChatMessage);
  customElements.define("message-list", MessageList);
  customElements.define("message-composer", MessageComposer);
  customElements.define("name-form", NameForm);
  customElements.define("connection-chip", ConnectionChip);
  customElements.define("people-panel", PeoplePanel);
  customElements.define("typing-line", TypingLine);
  customElements.define("banned-notice", BannedNotice);
  customElements.define("read-only-bar", ReadOnlyBar);
  customElements.define("chat-room", ChatRoom);

  // Trusted: the server put it into this page.
  const firstScreen = JSON.parse(
    document.getElementById(FIRST_SCREEN_ID)!.textContent,
  ) as FirstScreen;
  openRoom(firstScreen, settings, locale);
  keepOffline((seq) => location.hash = String(seq));
}

async function openRoom(
  screen: FirstScreen,
  settings: Settings,
  locale: Locale,
): Promise<void> {
  const database = new Database();
  // The service worker had to answer: what was said is in the browser's own database.
  const isKept = document.body.dataset.kept !== undefined;
  const kept = isKept ? await readCopy(database) : undefined;
  if (screen.features.read) {
    document.querySelector("chat-room")!.open(kept ?? screen, { database, settings, locale });
  } else {
    await Promise.all([lockPage(settings, locale), removeCopy(database)]);
  }
}
