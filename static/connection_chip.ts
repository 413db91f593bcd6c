import type { ConnectionState } from "./connection.ts";
import { emit, h, type Timer } from "./dom.ts";
import type { Locale } from "./locale.ts";
import type { StringKey } from "./strings.ts";

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

  show(state: ConnectionState, locale: Locale, readOnly: boolean): void {
    clearInterval(this.#timer);
    this.dataset.state = state.type;
    this.title = "";
    const content: (Node | string)[] = [h("i", { "aria-hidden": "true" }), this.#text];
    switch (state.type) {
      case "connecting":
        this.#text.textContent = locale.say("connecting");
        break;
      case "connected": {
        const { via, missed } = state;
        const quiet = locale.say(readOnly ? "readOnly" : "connected");
        this.title = locale.say(VIA[via]);
        this.#text.textContent = quiet;
        if (missed === undefined) break;
        this.#text.textContent = missed > 0
          ? locale.say("resumedMissed", { n: missed })
          : locale.say("resumed");
        this.dataset.state = "resumed";
        this.#timer = setTimeout(() => {
          this.#text.textContent = quiet;
          this.dataset.state = "connected";
        }, RESUMED_MS);
        break;
      }
      case "waiting": {
        const tell = () => {
          const seconds = Math.ceil((state.until - Date.now()) / 1000);
          // Below a second there is nothing to decide: it would only flicker.
          this.#text.textContent = seconds > 1
            ? locale.say("reconnectingIn", { n: seconds })
            : locale.say("reconnecting");
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
        this.#text.textContent = locale.say("offline");
    }
    this.replaceChildren(...content);
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "connection-chip": ConnectionChip;
  }
}
