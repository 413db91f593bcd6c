import type { Locale } from "../../lib/view/locale.ts";
import { later } from "../base/later.ts";
import type { ChatMessage } from "../messages/chat_message.ts";

/**
 * Opens the pictures of messages in the viewer, which is loaded for the first of them. Without it, and
 * with the keys that say so, they are links as any other.
 */
export function openPictures(list: HTMLElement, locale: () => Locale): void {
  list.addEventListener("click", (event) => {
    const link = (event.target as Element).closest<HTMLAnchorElement>("a.picture");
    const isOther = event.ctrlKey || event.metaKey || event.shiftKey || event.altKey;
    if (!link || isOther || event.button !== 0) return;
    event.preventDefault();
    view(link, list, locale()).catch(() => open(link.href, "_blank", "noopener"));
  });
}

async function view(link: HTMLAnchorElement, list: HTMLElement, locale: Locale): Promise<void> {
  const { PictureViewer } = await later(import("./picture_viewer.ts"));
  const links = [...list.querySelectorAll<HTMLAnchorElement>("a.picture")];
  const pictures = links.map((each) => {
    const { entry } = each.closest<ChatMessage>("chat-message")!;
    const from = `${entry.from}, ${locale.moment(entry.at, Date.now())}`;
    return { href: each.href, name: each.title, from };
  });
  const last = await new PictureViewer(pictures, locale).open(links.indexOf(link));
  // Where one has come to, not where one began.
  links[last]?.focus();
}
