import type { OutgoingMessage } from "../../lib/client/mod.ts";
import { build } from "../base/dom.ts";
import { type ChatMessage, createMessage } from "../messages/chat_message.ts";
import type { Locale } from "../../lib/view/locale.ts";
import type { Quoted } from "../../lib/view/quote_view.ts";
import type { Viewer } from "../../lib/view/message_view.ts";
import { type Branch, tree } from "../../lib/view/tree.ts";

/** A shorter wait is not worth a word: it would only flicker. */
const SHORT_MS = 500;

/** A message that is not in the log yet: with its status, and the buttons for one that failed. */
export function createDraft(
  draft: OutgoingMessage,
  connected: boolean,
  viewer: Viewer,
  quoted?: Quoted,
): ChatMessage {
  const { text, at, state, re, files } = draft;
  const { locale, self = "" } = viewer;
  const answers = re === undefined ? {} : { re: Number(re) };
  const entry = {
    type: "message",
    seq: 0,
    at,
    from: self,
    text,
    ...answers,
    ...(files && { files }),
  } as const;
  const message = createMessage(entry, viewer, { quoted });
  message.removeAttribute("id");
  message.classList.add("draft", state);
  const line = statusView(draft, connected, locale);
  if (line) message.append(build(line));
  return message;
}

function statusView(
  draft: OutgoingMessage,
  connected: boolean,
  locale: Locale,
): Branch | undefined {
  const { id, state, code } = draft;
  if (state === "failed") {
    return tree(
      "p",
      { class: "status" },
      tree("b", {}, locale.say("failed")),
      ` ${reasonOf(code, locale)} `,
      tree("button", { type: "button", "data-retry": id }, locale.say("retry")),
      " ",
      tree("button", { type: "button", "data-discard": id }, locale.say("discard")),
    );
  }
  const words = state === "stored" ? "" : waitingText(draft, connected, locale);
  return words === "" ? undefined : tree("p", { class: "status" }, words);
}

/** What a message waits for, and how long; empty where that is not worth a word. */
export function waitingText(
  { code, until = 0 }: OutgoingMessage,
  connected: boolean,
  locale: Locale,
): string {
  if (!connected) return locale.say("waiting");
  const ms = until - Date.now();
  if (code === undefined || ms < SHORT_MS) return "";
  return `${locale.say("sendsIn", { n: Math.ceil(ms / 1000) })} · ${reasonOf(code, locale)}`;
}

function reasonOf(code: string | undefined, locale: Locale): string {
  return code === undefined ? "" : locale.reason(code) ?? locale.say("notAccepted");
}
