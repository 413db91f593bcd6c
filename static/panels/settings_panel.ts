import { h } from "../base/dom.ts";
import { emit } from "../base/page_events.ts";
import type { Locale } from "../../lib/view/locale.ts";
import { CHOICES, type Settings } from "./settings.ts";
import { createSheet } from "./sheet.ts";
import type { StringKey } from "../../lib/view/strings/en.ts";
import { LANGUAGES } from "../../lib/view/strings/language.ts";

/** The labels of the settings and of their choices. */
const LABELS: {
  readonly [K in Exclude<keyof Settings, "language">]: {
    readonly label: StringKey;
    readonly choices: Readonly<Record<Settings[K], StringKey>>;
  };
} = {
  theme: { label: "theme", choices: { system: "system", light: "light", dark: "dark" } },
  clock: { label: "clock", choices: { auto: "automatic", 12: "clock12", 24: "clock24" } },
  density: { label: "density", choices: { cosy: "cosy", compact: "compact" } },
  notifications: {
    label: "notifications",
    choices: { off: "off", mentions: "mentionsOnly", all: "all" },
  },
  sound: { label: "sound", choices: { off: "off", on: "on" } },
};

/** The settings of this device. Dispatches `chat-settings` at each change; there is no OK button. */
export class SettingsPanel extends HTMLElement {
  #settings!: Settings;
  #locale!: Locale;
  readonly #refused = h("p", { class: "error", id: "rename-error", role: "alert", hidden: true });
  readonly #signIns = h("sign-in-list");
  readonly #denied = h("p", { class: "hint", role: "status" });

  open(locale: Locale, settings: Settings, name: string | undefined): void {
    this.#locale = locale;
    this.#settings = settings;
    const sheet = createSheet(
      locale,
      locale.say("settings"),
      ...(name === undefined ? [] : [this.#name(name), this.#refused]),
      this.#group("theme"),
      this.#language(),
      this.#group("clock"),
      this.#group("density"),
      this.#group("notifications"),
      this.#denied,
      this.#group("sound"),
      this.#shortcuts(),
      this.#operator(),
      ...(name === undefined ? [] : [this.#signIns]),
    );
    if (name !== undefined) this.#signIns.open(locale);
    this.#denied.textContent = locale.say("notificationsDenied");
    this.#tellDenied();
    this.#refused.hidden = true;
    sheet.classList.add("settings");
    this.replaceChildren(sheet);
    sheet.showModal();
  }

  /** What became of `chat-rename`: refused with a reason, the text is still there to be changed. */
  renamed(refused: string | undefined): void {
    if (refused === undefined) return this.querySelector("dialog")?.close();
    this.#refused.textContent = refused;
    this.#refused.hidden = false;
    const field = this.querySelector<HTMLInputElement>("input[name=name]");
    field?.setAttribute("aria-invalid", "true");
    field?.select();
  }

  #name(name: string): HTMLElement {
    const field = h("input", {
      name: "name",
      maxlength: 32,
      value: name,
      dir: "auto",
      autocomplete: "off",
      "aria-describedby": "rename-error",
    });
    return h(
      "form",
      {
        class: "setting",
        submit: (event) => {
          event.preventDefault();
          const wished = field.value.trim();
          if (wished !== "" && wished !== name) emit(this, "chat-rename", wished);
          else this.querySelector("dialog")?.close();
        },
      },
      h("label", {}, h("span", {}, this.#locale.say("name")), field),
      h("button", { class: "secondary" }, this.#locale.say("rename")),
    );
  }

  #group(setting: keyof typeof LABELS): HTMLElement {
    const { label, choices } = LABELS[setting];
    return h(
      "fieldset",
      { class: "setting" },
      h("legend", {}, this.#locale.say(label)),
      h(
        "div",
        { class: "choices" },
        ...CHOICES[setting].map((choice) =>
          h(
            "label",
            {},
            h("input", {
              type: "radio",
              name: setting,
              value: choice,
              checked: this.#shown(setting) === choice,
              change: () => this.#choose({ [setting]: choice }),
            }),
            h("span", {}, this.#locale.say((choices as Record<string, StringKey>)[choice]!)),
          )
        ),
      ),
    );
  }

  #language(): HTMLElement {
    const select = h(
      "select",
      { change: () => this.#choose({ language: select.value as Settings["language"] }) },
      ...CHOICES.language.map((choice) =>
        h(
          "option",
          {
            value: choice,
            selected: this.#settings.language === choice,
            ...(choice !== "auto" && { lang: choice }),
          },
          choice === "auto" ? this.#locale.say("automatic") : LANGUAGES[choice],
        )
      ),
    );
    return h("label", { class: "setting" }, h("span", {}, this.#locale.say("language")), select);
  }

  #shortcuts(): HTMLElement {
    const button = h("button", {
      "class": "secondary",
      "type": "button",
      "data-open": "shortcuts",
      "click": () => this.querySelector("dialog")?.close(),
    }, this.#locale.say("shortcuts"));
    return h("div", { class: "setting" }, button);
  }

  /** Whoever has a token of an operator's goes on as that operator. */
  #operator(): HTMLElement {
    const field = h("input", {
      name: "operator",
      type: "password",
      autocomplete: "off",
      required: true,
    });
    return h(
      "form",
      {
        class: "setting",
        submit: (event) => {
          event.preventDefault();
          const token = field.value.trim();
          this.querySelector("dialog")?.close();
          if (token !== "") emit(this, "chat-operator", token);
        },
      },
      h("label", {}, h("span", {}, this.#locale.say("operatorToken")), field),
      h("button", { class: "secondary" }, this.#locale.say("operatorUse")),
    );
  }

  /** Notifications are off where the browser does not allow them, whatever was chosen. */
  #shown(setting: keyof typeof LABELS): string {
    return setting === "notifications" && !areAllowed() ? "off" : this.#settings[setting];
  }

  async #choose(choice: Partial<Settings>): Promise<void> {
    this.#settings = { ...this.#settings, ...choice };
    emit(this, "chat-settings", this.#settings);
    if (choice.notifications === undefined) return;
    // Called by a click: without one, browsers do not ask for permission.
    if (choice.notifications !== "off" && "Notification" in globalThis) {
      await Notification.requestPermission();
    }
    this.#tellDenied();
    const shown = this.#shown("notifications");
    this.querySelector<HTMLInputElement>(`[name=notifications][value=${shown}]`)!.checked = true;
  }

  /** Says so where notifications are chosen and the browser does not allow them. */
  #tellDenied(): void {
    this.#denied.hidden = areAllowed() || this.#settings.notifications === "off";
  }
}

function areAllowed(): boolean {
  return "Notification" in globalThis && Notification.permission === "granted";
}

declare global {
  interface HTMLElementTagNameMap {
    "settings-panel": SettingsPanel;
  }
}
