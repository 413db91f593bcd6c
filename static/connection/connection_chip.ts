import type { ConnectionState } from "./connection.ts";
import { emit, h, type Timer } from "../base/dom.ts";
import type { Locale } from "../../lib/view/locale.ts";
import type { StringKey } from "../../lib/view/strings/mod.ts";

/** How long it is told that the connection was resumed. */
const RESUMED_MS = 6000;

const VIA = { websocket: "viaWebsocket", sse: "viaSse", poll: "viaPoll" } as const satisfies Record<
  string,
  StringKey
>;

/** Whether we are connected, and what is being done about it. Dispatches `chat-reconnect`. */
export class ConnectionChip extends HTMLElement {
  #timer: Timer;
  readonly #text = h("span", {});
  /** The same where there is no room; who listens has heard the other. */
  readonly #short = h("span", { "class": "short", "aria-hidden": "true" });

  show(state: ConnectionState, locale: Locale, readOnly: boolean): void {
    clearInterval(this.#timer);
    this.dataset.state = state.type;
    this.title = "";
    const content: (Node | string)[] = [h("i", { "aria-hidden": "true" }), this.#text, this.#short];
    switch (state.type) {
      case "connecting":
        this.#say(locale.say("connecting"));
        break;
      case "connected": {
        const { via, missed } = state;
        const quiet = locale.say(readOnly ? "readOnly" : "connected");
        this.title = locale.say(VIA[via]);
        this.#say(quiet);
        if (missed === undefined) break;
        if (missed === 0) this.#say(locale.say("resumed"));
        else {
          this.#say(
            locale.say("resumedMissed", { n: missed }),
            locale.say("missed", { n: missed }),
          );
        }
        this.dataset.state = "resumed";
        this.#timer = setTimeout(() => {
          this.#say(quiet);
          this.dataset.state = "connected";
        }, RESUMED_MS);
        break;
      }
      case "waiting": {
        const tell = () => {
          const seconds = Math.ceil((state.until - Date.now()) / 1000);
          // Below a second there is nothing to decide: it would only flicker.
          if (seconds <= 1) this.#say(locale.say("reconnecting"), "…");
          else {
            this.#say(
              locale.say("reconnectingIn", { n: seconds }),
              locale.say("seconds", { n: seconds }),
            );
          }
        };
        tell();
        this.#timer = setInterval(tell, 500);
        content.push(
          h("button", {
            type: "button",
            click: () => emit(this, "chat-reconnect"),
          }, locale.say("now")),
        );
        break;
      }
      case "offline":
        this.#say(locale.say("offline"));
    }
    this.replaceChildren(...content);
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
