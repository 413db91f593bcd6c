import type { Message } from "../../lib/model/message.ts";
import { Chime } from "./chime.ts";
import { plainMessage } from "../../lib/view/message_view.ts";
import type { Settings } from "../panels/settings.ts";

/** Draws attention to a page that is hidden: by its title, the favicon, a notification, a sound. */
export class Attention {
  #settings: Settings;
  readonly #room: string;
  readonly #chime = new Chime();
  readonly #icon = document.querySelector<HTMLLinkElement>('link[rel="icon"]');
  readonly #plainIcon = this.#icon?.href ?? "";
  /** The last notification, where no service worker has shown it. */
  #notified: Notification | undefined;
  /** The messages that came while nobody looked, by seq, and whether they mention the viewer. */
  readonly #unread = new Map<number, boolean>();

  constructor(room: string, settings: Settings) {
    this.#room = room;
    this.#settings = settings;
    const arm = () => this.#settings.sound === "on" && this.#chime.arm();
    for (const touch of ["pointerdown", "keydown"]) addEventListener(touch, arm, { passive: true });
  }

  /** Plays the sound once when it is switched on, as a sample. */
  configure(settings: Settings): void {
    const heard = this.#settings.sound === "on";
    this.#settings = settings;
    if (settings.sound === "on" && !heard) this.#chime.play();
  }

  /** New messages of others, while the page is hidden. */
  heard(entries: readonly Message[], isMention: (entry: Message) => boolean): void {
    if (entries.length === 0) return;
    for (const entry of entries) this.#unread.set(entry.seq, isMention(entry));
    this.#count();
    const { notifications, sound } = this.#settings;
    const worth = entries.filter((entry) => notifications === "all" || isMention(entry));
    const last = worth.at(-1);
    if (last && notifications !== "off") this.#notify(last);
    if (sound === "on") this.#chime.play();
  }

  /** A message was deleted: it is no news any more, and its text stands in no notification. */
  forget(seq: number): void {
    if (this.#unread.delete(seq)) this.#count();
    if (this.#notified?.data === seq) this.#notified.close();
    this.#withdraw(seq);
  }

  clear(): void {
    if (this.#unread.size === 0) return;
    this.#unread.clear();
    this.#count();
  }

  async #withdraw(seq: number): Promise<void> {
    const registration = await navigator.serviceWorker?.getRegistration();
    const shown = await registration?.getNotifications({ tag: "partyline" });
    for (const notification of shown ?? []) if (notification.data === seq) notification.close();
  }

  #count(): void {
    const unread = this.#unread.size;
    const mentioned = this.#unread.values().some((is) => is);
    // Among many tabs a mention is told from other news by the first character.
    const news = `${mentioned ? "@ " : ""}(${unread})`;
    document.title = unread > 0 ? `${news} ${this.#room}` : this.#room;
    if (!this.#icon) return;
    this.#icon.href = unread > 0 ? iconWith(unread, mentioned) : this.#plainIcon;
  }

  async #notify(entry: Message): Promise<void> {
    const { from, seq } = entry;
    if (!("Notification" in globalThis) || Notification.permission !== "granted") return;
    // One a room: the tag makes a newer notification replace the one before.
    const options = {
      body: plainMessage(entry).slice(0, 200),
      tag: "partyline",
      icon: this.#plainIcon,
      data: seq,
    };
    const title = `${from} · ${this.#room}`;
    // Browsers on phones show notifications of service workers only.
    const registration = await navigator.serviceWorker?.getRegistration();
    if (registration?.active) return registration.showNotification(title, options);
    const notification = this.#notified = new Notification(title, options);
    notification.onclick = () => {
      notification.close();
      focus();
      location.hash = String(seq);
    };
  }
}

/** The favicon with a number: as SVG, which needs no canvas and stays sharp. Red for a mention. */
function iconWith(count: number, mentioned: boolean): string {
  const label = count > 99 ? "99" : String(count);
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">
    <rect width="32" height="32" rx="9" fill="${mentioned ? "#b0261c" : "#0f6e63"}"/>
    <text x="16" y="22.5" font-family="system-ui,sans-serif" font-weight="700" font-size="18"
      text-anchor="middle" fill="#fff">${label}</text></svg>`;
  return `data:image/svg+xml,${encodeURIComponent(svg)}`;
}
