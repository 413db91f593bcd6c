import type { Locale } from "../../lib/view/locale.ts";
import type { StringKey } from "../../lib/view/strings/en.ts";
import { sendPassword } from "../base/api.ts";
import { h } from "../base/dom.ts";

/** Why the password is asked for: the page shows nothing without it, or only nothing can be written. */
export type Purpose = "read" | "write";

const HINTS: Readonly<Record<Purpose, StringKey>> = { read: "lockedHint", write: "unlockHint" };

/**
 * Asks for the password of the room. Once it was right the page begins anew: the server knows by the
 * cookie that it was given. Where nothing can be read without it, the dialog cannot be closed.
 */
export class PasswordDialog extends HTMLElement {
  #locale!: Locale;
  readonly #error = h("p", { class: "error", id: "password-error", role: "alert" });
  readonly #field = h("input", {
    id: "password",
    name: "password",
    type: "password",
    autocomplete: "current-password",
    maxlength: 512,
    required: true,
    "aria-describedby": "password-hint password-error",
  });
  readonly #submit = h("button", { class: "primary" });

  open(locale: Locale, purpose: Purpose): void {
    if (this.querySelector("dialog[open]")) return;
    this.#locale = locale;
    this.#field.value = "";
    this.#submit.textContent = locale.say("unlock");
    const dialog = h("dialog", { "aria-labelledby": "password-title" });
    const form = h(
      "form",
      {
        submit: (event) => {
          event.preventDefault();
          this.#send();
        },
      },
      h("h2", { id: "password-title" }, locale.say("locked")),
      h("p", { id: "password-hint" }, locale.say(HINTS[purpose])),
      h("label", { for: "password" }, locale.say("password")),
      this.#field,
      this.#error,
      h("div", { class: "row" }, ...this.#buttons(dialog, purpose)),
    );
    dialog.append(form);
    dialog.addEventListener("cancel", (event) => {
      if (purpose === "read") event.preventDefault();
    });
    // Browsers let a second Escape through: then it opens again.
    dialog.addEventListener("close", () => {
      if (purpose === "read") dialog.showModal();
    });
    this.replaceChildren(dialog);
    this.#complain("");
    dialog.showModal();
    this.#field.focus();
  }

  #buttons(dialog: HTMLDialogElement, purpose: Purpose): Node[] {
    if (purpose === "read") return [this.#submit];
    const click = () => dialog.close();
    const cancel = h("button", { class: "secondary", type: "button", click });
    cancel.textContent = this.#locale.say("cancel");
    return [cancel, this.#submit];
  }

  async #send(): Promise<void> {
    if (this.#submit.disabled) return;
    this.#submit.disabled = true;
    this.#complain("");
    try {
      const answer = await sendPassword(this.#field.value);
      if (answer.type === "right") return location.reload();
      this.#complain(
        answer.type === "wait"
          ? this.#locale.say("tooManyPasswords", { n: answer.seconds })
          : this.#locale.say("wrongPassword"),
      );
    } catch {
      this.#complain(this.#locale.say("error_network"));
    }
    this.#submit.disabled = false;
  }

  #complain(error: string): void {
    this.#error.textContent = error;
    this.#field.setAttribute("aria-invalid", String(error !== ""));
    if (error !== "") this.#field.select();
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "password-dialog": PasswordDialog;
  }
}
