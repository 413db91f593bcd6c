import type { SlashCommand } from "../../lib/wire/commands.ts";
import type { Completion } from "./completion.ts";
import { h } from "../base/dom.ts";
import type { Locale } from "../../lib/view/locale.ts";
import { explain } from "./perform.ts";

/**
 * The list of suggestions above the field. The field keeps the focus and hands its keys on; its
 * `aria-activedescendant` names the chosen suggestion.
 */
export class SuggestionList {
  /** With more commands than fit it scrolls, and what scrolls can be had by the keyboard. */
  readonly #element = h("ul", {
    id: "suggestions",
    class: "floating",
    role: "listbox",
    tabindex: 0,
    hidden: true,
  });
  readonly #field: HTMLTextAreaElement;
  readonly #take: (insert: string, start: number) => void;
  #locale!: Locale;
  #completion: Completion | undefined;
  /** Undefined where none is chosen. */
  #chosen: number | undefined;

  /** `take` is called with the text to put in the place of what was typed from `start` on. */
  constructor(field: HTMLTextAreaElement, take: (insert: string, start: number) => void) {
    this.#field = field;
    this.#take = take;
    field.setAttribute("aria-autocomplete", "list");
    field.setAttribute("aria-controls", "suggestions");
    field.addEventListener("blur", () => this.show(undefined));
    field.form!.prepend(this.#element);
    // Not on click: by then the field has lost the focus, and the list is hidden.
    this.#element.addEventListener("pointerdown", (event) => {
      event.preventDefault();
      const option = (event.target as Element).closest("li");
      if (option) this.#accept([...this.#element.children].indexOf(option));
    });
  }

  set locale(locale: Locale) {
    this.#locale = locale;
    this.#element.ariaLabel = locale.say("suggestions");
  }

  /** Hidden for undefined. */
  show(completion: Completion | undefined): void {
    this.#completion = completion;
    this.#element.hidden = !completion;
    this.#element.replaceChildren(
      ...(completion?.options ?? []).map(({ what }, i) =>
        h("li", { role: "option", id: `suggestion-${i}`, dir: "auto" }, ...this.#label(what))
      ),
    );
    this.#choose(!completion || completion.open ? undefined : 0);
  }

  /** Handles a key of the field; true where it was for the list. */
  press({ key, shiftKey }: KeyboardEvent): boolean {
    if (!this.#completion) return false;
    const { options } = this.#completion;
    const chosen = this.#chosen;
    if (key === "ArrowDown") this.#choose(((chosen ?? -1) + 1) % options.length);
    else if (key === "ArrowUp") this.#choose((chosen || options.length) - 1);
    else if (key === "Tab" && !shiftKey) this.#accept(chosen ?? 0);
    else if (key === "Enter" && !shiftKey) {
      // What is typed in full is sent, not completed.
      if (chosen === undefined || this.#field.value === options[chosen]!.insert) return false;
      this.#accept(chosen);
    } else if (key === "Escape") this.show(undefined);
    else return false;
    return true;
  }

  #label(option: string | SlashCommand): (Node | string)[] {
    if (typeof option === "string") return [option];
    const { usage, what } = explain(option, this.#locale);
    return [usage, h("span", { class: "hint" }, what)];
  }

  #choose(index: number | undefined): void {
    this.#chosen = index;
    for (const [i, option] of [...this.#element.children].entries()) {
      option.setAttribute("aria-selected", String(i === index));
      if (i === index) option.scrollIntoView({ block: "nearest" });
    }
    if (index === undefined) this.#field.removeAttribute("aria-activedescendant");
    else this.#field.setAttribute("aria-activedescendant", `suggestion-${index}`);
  }

  #accept(index: number): void {
    const { start, options } = this.#completion!;
    this.show(undefined);
    this.#take(options[index]!.insert, start);
  }
}
