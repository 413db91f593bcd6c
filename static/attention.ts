import type { Entry } from "../lib/message.ts";
import type { Settings } from "./settings.ts";

/** A second message within this time makes no sound of its own. */
const SOUND_MS = 3000;

/** Calls somebody who is elsewhere: by the title, the favicon, a notification, a sound. */
export class Attention {
  settings: Settings;
  readonly #room: string;
  readonly #icon = document.querySelector<HTMLLinkElement>('link[rel="icon"]');
  readonly #plainIcon = this.#icon?.href ?? "";
  #unread = 0;
  #soundAt = 0;
  #audio: AudioContext | undefined;

  constructor(room: string, settings: Settings) {
    this.#room = room;
    this.settings = settings;
  }

  /** Somebody else's messages, while nobody looks. */
  heard(entries: readonly Entry[], isMention: (entry: Entry) => boolean): void {
    if (entries.length === 0) return;
    this.#count(this.#unread + entries.length);
    const { notifications, sound } = this.settings;
    const worth = entries.filter((entry) => notifications === "all" || isMention(entry));
    const last = worth.at(-1);
    if (last && notifications !== "off") this.#notify(last);
    if (sound === "on") this.#sound();
  }

  clear(): void {
    if (this.#unread > 0) this.#count(0);
  }

  #count(unread: number): void {
    this.#unread = unread;
    document.title = unread > 0 ? `(${unread}) ${this.#room}` : this.#room;
    if (this.#icon) this.#icon.href = unread > 0 ? iconWith(unread) : this.#plainIcon;
  }

  async #notify({ from, text, seq }: Entry): Promise<void> {
    if (!("Notification" in globalThis) || Notification.permission !== "granted") return;
    // One per room: a newer one takes the place of the one before.
    const options = {
      body: text.slice(0, 200),
      tag: "partyline",
      icon: this.#plainIcon,
      data: seq,
    };
    const title = `${from} · ${this.#room}`;
    // Phones show notifications of a service worker only.
    const registration = await navigator.serviceWorker?.getRegistration();
    if (registration?.active) return registration.showNotification(title, options);
    const notification = new Notification(title, options);
    notification.onclick = () => {
      focus();
      location.hash = String(seq);
    };
  }

  /** Two soft tones that fade: made, not loaded. */
  #sound(): void {
    const now = Date.now();
    if (now - this.#soundAt < SOUND_MS) return;
    this.#soundAt = now;
    const audio = this.#audio ??= new AudioContext();
    [660, 880].forEach((frequency, i) => {
      const start = audio.currentTime + i * 0.09;
      const tone = new OscillatorNode(audio, { frequency });
      const gain = new GainNode(audio, { gain: 0 });
      gain.gain.setValueAtTime(0, start);
      gain.gain.linearRampToValueAtTime(0.06, start + 0.02);
      gain.gain.exponentialRampToValueAtTime(0.0001, start + 0.35);
      tone.connect(gain).connect(audio.destination);
      tone.start(start);
      tone.stop(start + 0.4);
    });
  }
}

/** The favicon with a number: drawn as SVG, since then it needs no canvas and stays sharp. */
function iconWith(count: number): string {
  const label = count > 99 ? "99" : String(count);
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">
    <rect width="32" height="32" rx="9" fill="#0f6e63"/>
    <text x="16" y="22.5" font-family="system-ui,sans-serif" font-weight="700" font-size="18"
      text-anchor="middle" fill="#fff">${label}</text></svg>`;
  return `data:image/svg+xml,${encodeURIComponent(svg)}`;
}
