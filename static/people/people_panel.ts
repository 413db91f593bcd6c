import { build, h } from "../base/dom.ts";
import { emit } from "../base/page_events.ts";
import type { Viewer } from "../../lib/view/message_view.ts";
import { avatar, moderateButton } from "../../lib/view/message_view.ts";
import type { PeopleView } from "../../lib/client/mod.ts";

/** At most so many names are listed: nobody reads more, and the list is drawn at each change. */
const MOST = 200;

/** The list of people, beside the messages, or over them if narrow. Dispatches `chat-mention`. */
export class PeoplePanel extends HTMLElement {
  readonly #heading = h("h2", {});
  readonly #list = h("ul", {});
  readonly #rest = h("p", { class: "rest" });

  connectedCallback(): void {
    this.replaceChildren(this.#heading, this.#list, this.#rest);
    this.#list.addEventListener("click", ({ target }) => {
      const name = (target as Element).closest("button")?.dataset.name;
      if (name !== undefined) emit(this, "chat-mention", name);
    });
  }

  /** On the first person who can be mentioned. */
  override focus(): void {
    this.#buttons[0]?.focus();
  }

  show({ count, names, operators }: PeopleView, { locale, self, operator }: Viewer): void {
    this.#heading.textContent = count === 0
      ? locale.say("nobodyHere")
      : locale.say("peopleHere", { n: locale.number(count) });
    // Above 200 people the server sends no names; the viewer's own is known.
    const known = names.length === 0 && self !== undefined ? [self] : names;
    const listed = known.slice(0, MOST);
    const focused = this.#list.querySelector<HTMLElement>(":focus")?.dataset.name;
    this.#list.replaceChildren(...listed.map((name) => {
      const badge = operators.has(name)
        ? [h("small", { class: "badge" }, locale.say("operator"))]
        : [];
      const content = [
        build(avatar(name)),
        h("span", { class: "name", dir: "auto" }, name),
        ...badge,
      ];
      if (name === self) {
        return h("li", { class: "self" }, ...content, h("small", {}, locale.say("you")));
      }
      const mention = h(
        "button",
        { class: "person", type: "button", "data-name": name },
        ...content,
      );
      const menu = operator && !operators.has(name) ? [build(moderateButton(name, locale))] : [];
      return h("li", {}, mention, ...menu);
    }));
    if (focused !== undefined) {
      this.#buttons.find(({ dataset }) => dataset.name === focused)?.focus();
    }
    const more = count - listed.length;
    this.#rest.hidden = count > 0 && (more <= 0 || listed.length === 0);
    this.#rest.textContent = count === 0
      ? locale.say("nobodyHint")
      : locale.say("morePeople", { n: locale.number(more) });
  }

  get #buttons(): HTMLButtonElement[] {
    return [...this.#list.querySelectorAll<HTMLButtonElement>(".person")];
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "people-panel": PeoplePanel;
  }
}
