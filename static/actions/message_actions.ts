import type { Locale } from "../../lib/view/locale.ts";
import { keyOf } from "../base/dom.ts";
import { later } from "../base/later.ts";
import type { ChangeWish } from "../../lib/client/mod.ts";
import type { TextStorage } from "../base/storage.ts";
import type { EmojiPicker } from "../emoji/emoji_picker.ts";
import { OwnEmoji } from "../emoji/own_emoji.ts";
import type { ChatMessage } from "../messages/chat_message.ts";
import type { MessageList } from "../messages/message_list.ts";
import { Tip } from "../reactions/tip.ts";
import type { Abilities } from "./abilities.ts";
import { type Deed, deedsOf } from "./deeds.ts";
import { LongPress } from "./long_press.ts";
import { openEditor } from "./message_editor.ts";
import { MessageMenu } from "./message_menu.ts";
import { Toolbar, type Wish } from "./toolbar.ts";

/** What the actions ask, and tell. */
export interface ActionsHost {
  locale(): Locale;
  /** How many characters a message may have. */
  limit(): number;
  can(row: ChatMessage): Abilities;
  /** Changes a message. */
  change(wish: ChangeWish<number>): void;
  /** Answers the message with that seq. */
  reply(seq: number): void;
  /** Brings back what was just deleted. */
  undo(row: ChatMessage): void;
  /** For screen readers. */
  say(text: string): void;
  /** Shows something to the viewer alone. */
  tell(text: string): void;
  /** Gives the focus to where one writes. */
  leave(): void;
}

/** How many emoji are one press away in the menu. */
const QUICK = 6;

/**
 * What is offered at a message: buttons where the pointer or the focus is, a menu by key or by a long
 * press, and the editor in its place.
 */
export class MessageActions {
  readonly #list: MessageList;
  readonly #host: ActionsHost;
  readonly #emoji: OwnEmoji;
  readonly #toolbar = new Toolbar((row, wish, button) => this.#wish(row, wish, button));
  readonly #menu: MessageMenu;
  readonly #tip: Tip;
  readonly #press = new LongPress((row) => this.#openMenu(row, row));
  #picker: EmojiPicker | undefined;

  constructor(list: MessageList, storage: TextStorage, host: ActionsHost) {
    this.#list = list;
    this.#host = host;
    this.#emoji = new OwnEmoji(storage);
    this.#menu = new MessageMenu(list);
    this.#tip = new Tip(list);
    list.addEventListener("pointerleave", () => this.#left(document.activeElement));
    list.addEventListener("focusout", ({ relatedTarget }) => this.#left(relatedTarget as Element));
    // What floats would stay where the message was.
    list.addEventListener("scroll", () => this.#tip.hide(), { capture: true, passive: true });
  }

  /** Takes an event of the list, one of those that an action can begin with. */
  handle(event: Event): void {
    const target = event.target as Element;
    const row = target.closest<ChatMessage>("chat-message:not(.draft)");
    if (event.type === "pointerover" || event.type === "focusin") this.#tip.show(target);
    if (!row || target.closest(".editor")) return;
    switch (event.type) {
      case "pointerover":
        if ((event as PointerEvent).pointerType !== "touch") this.#pointAt(row);
        return;
      case "focusin":
        return this.#pointAt(row, true);
      case "pointerdown":
        return this.#press.begin(event as PointerEvent, row);
      case "contextmenu":
        return this.#press.contextMenu(event);
      case "keydown":
        return this.#key(event as KeyboardEvent, row);
    }
  }

  /** Opens the editor in the place of the message, with its text or the one given. */
  edit(row: ChatMessage, text = row.shown.text): void {
    const { locale, limit, leave, say } = this.#host;
    // From the field below, one goes back there.
    const isBelow = !this.#list.contains(document.activeElement);
    this.#toolbar.hide();
    openEditor(row, {
      text,
      locale: locale(),
      limit: limit(),
      hold: (change) => this.#list.hold(change),
      saved: (text) => {
        this.#host.change({ type: "edit", ref: row.entry.seq, text });
        say(locale().say("saved"));
      },
      closed: () => isBelow ? leave() : row.focus({ preventScroll: true }),
    });
  }

  #pointAt(row: ChatMessage, focused = false): void {
    // The buttons do not leave the one who uses them.
    if (this.#menu.isOpen || this.#picker?.isOpen || (!focused && this.#toolbar.hasFocus)) return;
    if (row.shown.deleted || row.classList.contains("editing")) return this.#toolbar.hide();
    this.#toolbar.show(row, this.#host.can(row), this.#host.locale());
  }

  /** Neither the pointer nor the focus is in the list, but perhaps in `to`. */
  #left(to: Element | null): void {
    const row = to?.closest<ChatMessage>("chat-message:not(.draft)");
    this.#tip.hide();
    if (row && this.#list.contains(row)) this.#pointAt(row, true);
    else if (!this.#toolbar.row?.matches(":hover")) this.#toolbar.hide();
  }

  #key(event: KeyboardEvent, row: ChatMessage): void {
    if (event.defaultPrevented || event.isComposing) return;
    const { target, altKey, ctrlKey, metaKey, shiftKey } = event;
    const key = keyOf(event);
    const isOnRow = target === row;
    if ((ctrlKey || metaKey) && key === "z") this.#host.undo(row);
    else if (altKey || ctrlKey || metaKey) return;
    else if (key === "contextmenu" || (key === "f10" && shiftKey) || (isOnRow && key === "enter")) {
      this.#openMenu(row, row);
    } else if (key === "arrowright" || key === "arrowleft") this.#walk(row, key === "arrowright");
    else {
      const deed = deedsOf(this.#host.can(row)).find(({ keys }) => keys.includes(key));
      if (!deed) return;
      this.#do(row, deed.type, row);
    }
    event.preventDefault();
  }

  /** Through what can be pressed at the message. */
  #walk(row: ChatMessage, forth: boolean): void {
    const stops = [row, ...row.querySelectorAll<HTMLElement>("button, a[href]:not(.time)")];
    const at = stops.indexOf(document.activeElement as HTMLElement);
    const rtl = getComputedStyle(row).direction === "rtl";
    stops[(at + (forth !== rtl ? 1 : stops.length - 1)) % stops.length]?.focus();
  }

  #wish(row: ChatMessage, wish: Wish, button: Element): void {
    if (wish === "menu") this.#openMenu(row, button);
    else this.#do(row, wish, button);
  }

  #openMenu(row: ChatMessage, near: Element): void {
    const box = near.getBoundingClientRect();
    this.#tip.hide();
    this.#menu.open(row, {
      locale: this.#host.locale(),
      abilities: this.#host.can(row),
      emoji: this.#emoji.recent.slice(0, QUICK),
      near: box,
      chosen: (deed) => this.#do(row, deed, row),
      reacted: (emoji) => this.#react(row, emoji),
    });
  }

  #do(row: ChatMessage, deed: Deed["type"], near: Element): void {
    const { seq: ref } = row.entry;
    switch (deed) {
      case "reply":
        return this.#host.reply(ref);
      case "react":
        return void this.#pick(row, near.getBoundingClientRect());
      case "edit":
        return this.edit(row);
      case "copyText":
        return void this.#copy(row.shown.text);
      case "copyLink":
        return void this.#copy(new URL(`#${ref}`, location.href.replace(/#.*/, "")).href);
      case "delete":
        this.#toolbar.hide();
        row.focus({ preventScroll: true });
        return this.#host.change({ type: "delete", ref });
    }
  }

  async #pick(row: ChatMessage, near: DOMRectReadOnly): Promise<void> {
    const { locale, tell } = this.#host;
    try {
      const { EmojiPicker } = await later(import("../emoji/emoji_picker.ts"));
      this.#picker ??= new EmojiPicker(this.#list, this.#emoji);
    } catch {
      return tell(locale().say("error_network"));
    }
    const back = () => row.focus({ preventScroll: true });
    await this.#picker.open({
      locale: locale(),
      near,
      chosen: (emoji) => {
        back();
        this.#react(row, emoji);
      },
      closed: back,
    });
  }

  #react(row: ChatMessage, emoji: string): void {
    this.#emoji.chose(emoji);
    const wish = { type: "reaction", ref: row.entry.seq, emoji, on: true } as const;
    this.#host.change(wish);
  }

  async #copy(text: string): Promise<void> {
    const { locale, say, tell } = this.#host;
    try {
      await copy(text);
      say(locale().say("copied"));
    } catch {
      tell(locale().say("copyFailed"));
    }
  }
}

/** The clipboard is only for pages that came over HTTPS or from this machine; others select and copy. */
async function copy(text: string): Promise<void> {
  if (navigator.clipboard) return await navigator.clipboard.writeText(text);
  const focused = document.activeElement as HTMLElement | null;
  const field = document.createElement("textarea");
  field.value = text;
  field.style.position = "fixed";
  document.body.append(field);
  field.select();
  const copied = document.execCommand("copy");
  field.remove();
  focused?.focus({ preventScroll: true });
  if (!copied) throw new TypeError("Cannot copy: the browser refused");
}
