import type { OrderFields } from "../../lib/model/order.ts";
import type { Locale } from "../../lib/view/locale.ts";
import type { StringKey } from "../../lib/view/strings/en.ts";
import { h } from "../base/dom.ts";
import { emit } from "../base/page_events.ts";
import { createSheet } from "../panels/sheet.ts";

/** How long a ban or a mute may last, as the protocol says it. */
const TIMES: readonly (readonly [time: string, label: StringKey])[] = [
  ["10m", "minutes10"],
  ["1h", "hour1"],
  ["1d", "day1"],
  ["1w", "week1"],
  ["forever", "forGood"],
];
const USUAL = "1d";

/** What an operator can do about somebody. Dispatches `chat-order`. */
export class MeasureSheet extends HTMLElement {
  open(name: string, locale: Locale): void {
    const reason = h("input", { name: "reason", maxlength: 200, dir: "auto", autocomplete: "off" });
    const time = h(
      "select",
      { name: "time" },
      ...TIMES.map(([value, label]) =>
        h("option", { value, selected: value === USUAL }, locale.say(label))
      ),
    );
    const button = (type: OrderFields["type"], label: StringKey, timed: boolean) =>
      h("button", {
        class: `secondary ${type}`,
        type: "button",
        click: () => {
          sheet.close();
          const said = reason.value.trim();
          emit(this, "chat-order", {
            type,
            name,
            ...(timed && { time: time.value }),
            ...(said !== "" && { reason: said }),
          });
        },
      }, locale.say(label));
    const sheet = createSheet(
      locale,
      locale.say("moderate", { name }),
      h(
        "form",
        { submit: (event) => event.preventDefault() },
        h("label", {}, h("span", {}, locale.say("reasonOptional")), reason),
        h("label", {}, h("span", {}, locale.say("forHowLong")), time),
        h(
          "div",
          { class: "buttons" },
          button("mute", "mute", true),
          button("unmute", "unmute", false),
          button("kick", "kick", false),
          button("ban", "ban", true),
        ),
      ),
    );
    sheet.classList.add("measures");
    this.replaceChildren(sheet);
    sheet.showModal();
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "measure-sheet": MeasureSheet;
  }
}
