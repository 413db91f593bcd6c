import { PeopleSearch } from "./people_search.ts";
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
  /** Where the names of all are not known: looks for them on the server. */
  readonly #field = h("input", {
    type: "search",
    hidden: true,
    autocomplete: "off",
    spellcheck: "false",
    dir: "auto",
    maxlength: 32,
    input: () => this.#search.seek(this.#field.value.trim()),
    focus: () => this.#search.seek(this.#field.value.trim()),
  });
  readonly #search = new PeopleSearch((names) => {
    this.#found = names;
    this.#render();
  });
  /** What was found last; undefined where nothing was looked for. */
  #found: readonly string[] | undefined;
  #shown: readonly [people: PeopleView, lately: readonly string[], viewer: Viewer] | undefined;
  readonly #list = h("ul", {});
  readonly #rest = h("p", { class: "rest" });

  connectedCallback(): void {
    this.replaceChildren(this.#heading, this.#field, this.#list, this.#rest);
    this.#list.addEventListener("click", ({ target }) => {
      const name = (target as Element).closest("button")?.dataset.name;
      if (name !== undefined) emit(this, "chat-mention", name);
    });
  }

  /** On the first person who can be mentioned, or where they are looked for. */
  override focus(): void {
    if (this.#field.hidden) this.#buttons[0]?.focus();
    else this.#field.focus();
  }

  /** `lately`: who spoke last, for a room of so many that the server tells no names. */
  show(people: PeopleView, lately: readonly string[], viewer: Viewer): void {
    this.#shown = [people, lately, viewer];
    this.#render();
  }

  #render(): void {
    if (!this.#shown) return;
    const [{ count, names, operators }, lately, { locale, self, operator }] = this.#shown;
    this.#heading.textContent = count === 0
      ? locale.say("nobodyHere")
      : locale.say("peopleHere", { n: locale.number(count) });
    const isCrowd = names.length === 0 && count > 1;
    this.#field.hidden = !isCrowd;
    this.#field.ariaLabel = this.#field.placeholder = locale.say("findPeople");
    if (!isCrowd) this.#found = undefined;
    const known = isCrowd ? this.#found ?? lately : names;
    const isOwn = names.length === 0 && self !== undefined && this.#field.value.trim() === "";
    const listed = [...new Set([...isOwn ? [self] : [], ...known])].slice(0, MOST);
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
    // Of what was found nobody knows how many there are.
    const isFound = isCrowd && this.#field.value.trim() !== "";
    this.#rest.hidden = count > 0 && (more <= 0 || listed.length === 0 || isFound);
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
