import type { ConnectionState } from "../../lib/client/mod.ts";
import { h, type Timer } from "../base/dom.ts";
import { emit } from "../base/page_events.ts";
import type { Locale } from "../../lib/view/locale.ts";
import type { StringKey } from "../../lib/view/strings/en.ts";

/** How long the chip says that the connection was resumed. */
const RESUMED_MS = 6000;
/** How often the countdown to the next attempt is written anew. */
const COUNTDOWN_MS = 500;

/** A page has no TCP. */
const VIA = {
  websocket: "viaWebsocket",
  sse: "viaSse",
  poll: "viaPoll",
  tcp: "connected",
} as const satisfies Record<string, StringKey>;

/** The state of the connection, in the bar. Dispatches `chat-reconnect`. */
export class ConnectionChip extends HTMLElement {
  #locale!: Locale;
  #timer: Timer;
  readonly #dot = h("i", { "aria-hidden": "true" });
  readonly #text = h("span", {});
  /** The same in fewer words, for a narrow screen; a screen reader has the other. */
  readonly #short = h("span", { "class": "short", "aria-hidden": "true" });

  /** `readOnly`: without a name nothing can be sent. */
  show(state: ConnectionState, locale: Locale, readOnly: boolean): void {
    clearInterval(this.#timer);
    this.#locale = locale;
    this.dataset.state = state.type;
    this.title = "";
    this.replaceChildren(this.#dot, this.#text, this.#short);
    switch (state.type) {
      case "connecting":
        return this.#say(locale.say("connecting"));
      case "connected":
        return this.#connected(state, locale.say(readOnly ? "readOnly" : "connected"));
      case "waiting":
        return this.#waiting(state.until);
      case "paused":
      case "closed":
        this.dataset.state = "offline";
        this.#say(locale.say("offline"));
        if (state.type === "closed") this.#offer("again");
    }
  }

  #connected(
    { via, missed: n }: Extract<ConnectionState, { type: "connected" }>,
    quiet: string,
  ): void {
    const locale = this.#locale;
    this.title = locale.say(VIA[via]);
    if (n === undefined) return this.#say(quiet);
    if (n === 0) this.#say(locale.say("resumed"));
    else this.#say(locale.say("resumedMissed", { n }), locale.say("missed", { n }));
    this.dataset.state = "resumed";
    this.#timer = setTimeout(() => {
      this.#say(quiet);
      this.dataset.state = "connected";
    }, RESUMED_MS);
  }

  #waiting(until: number): void {
    const countDown = () => {
      const n = Math.ceil((until - Date.now()) / 1000);
      // The last second is not counted: it would only flicker.
      if (n <= 1) this.#say(this.#locale.say("reconnecting"), "…");
      else this.#say(this.#locale.say("reconnectingIn", { n }), this.#locale.say("seconds", { n }));
    };
    countDown();
    this.#timer = setInterval(countDown, COUNTDOWN_MS);
    this.#offer("now");
  }

  #offer(label: StringKey): void {
    const click = () => emit(this, "chat-reconnect");
    this.append(h("button", { type: "button", click }, this.#locale.say(label)));
  }

  #say(text: string, short = text): void {
    this.#text.textContent = text;
    this.#short.textContent = short;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "connection-chip": ConnectionChip;
  }
}
