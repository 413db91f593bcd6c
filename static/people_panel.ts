import { emit, h } from "./dom.ts";
import type { Reader } from "./message_view.ts";
import { avatar } from "./message_view.ts";
import type { People } from "./people.ts";
import { build } from "./tree.ts";

/** Above this many the rest is a number: nobody reads such a list, and it is drawn at each change. */
const MOST = 200;

/** Who is here: beside the messages, or over them where there is no room. Dispatches `chat-mention`. */
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

  show({ count, names }: People, { locale, self }: Reader): void {
    this.#heading.textContent = locale.say("peopleHere", { n: locale.number(count) });
    const listed = names.slice(0, MOST);
    this.#list.replaceChildren(...listed.map((name) => {
      const content = [build(avatar(name)), h("span", { dir: "auto" }, name)];
      if (name === self) {
        return h("li", { class: "self" }, ...content, h("small", {}, locale.say("you")));
      }
      return h("li", {}, h("button", { type: "button", "data-name": name }, ...content));
    }));
    const more = count - listed.length;
    this.#rest.hidden = more <= 0;
    this.#rest.textContent = locale.say("morePeople", { n: locale.number(more) });
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "people-panel": PeoplePanel;
  }
}
