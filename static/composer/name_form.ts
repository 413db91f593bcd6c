import { h } from "../base/dom.ts";
import { emit } from "../base/page_events.ts";
import type { Locale } from "../../lib/view/locale.ts";

/** The form that asks for a name; without one the page only reads. Dispatches `chat-name`. */
export class NameForm extends HTMLElement {
  readonly #error = h("p", { class: "error", id: "name-error", role: "alert" });
  readonly #field = h("input", {
    id: "name",
    name: "name",
    maxlength: 32,
    autocomplete: "nickname",
    autocapitalize: "off",
    spellcheck: "false",
    dir: "auto",
    required: true,
  });

  /** With `wished` in the field, and the reason why the form asks again, if it does. */
  open(locale: Locale, wished = "", error = ""): void {
    this.#field.value = wished;
    this.hidden = false;
    this.replaceChildren(h(
      "form",
      {
        submit: (event) => {
          event.preventDefault();
          const name = this.#field.value.trim();
          if (name !== "") emit(this, "chat-name", name);
        },
      },
      h("h2", {}, locale.say("nameWelcome")),
      h("p", { id: "name-hint" }, locale.say("nameHint")),
      h("label", { class: "hidden", for: "name" }, locale.say("name")),
      h(
        "div",
        { class: "row" },
        this.#field,
        h("button", { class: "primary" }, locale.say("join")),
      ),
      this.#error,
    ));
    this.#field.placeholder = locale.say("name");
    this.#field.setAttribute("aria-describedby", "name-hint name-error");
    this.complain(error);
  }

  complain(error: string): void {
    this.#error.textContent = error;
    this.#field.setAttribute("aria-invalid", String(error !== ""));
    if (error) this.#field.select();
  }

  override focus(): void {
    this.#field.focus();
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "name-form": NameForm;
  }
}
