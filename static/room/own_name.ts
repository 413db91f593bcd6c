import type { Locale } from "../../lib/view/locale.ts";
import type { MessageComposer } from "../composer/message_composer.ts";
import type { NameForm } from "../composer/name_form.ts";
import type { TextStorage } from "../base/storage.ts";

const KEY = "partyline.name";

/** The form that asks for a name, and the composer that takes its place once there is one. */
export interface NameFields {
  readonly form: NameForm;
  readonly composer: MessageComposer;
}

/** The viewer's own name: remembered across visits, and asked for where there is none. */
export class OwnName {
  readonly #storage: TextStorage;
  readonly #fields: NameFields;
  #value: string | undefined;

  constructor(storage: TextStorage, fields: NameFields) {
    this.#storage = storage;
    this.#fields = fields;
    this.#value = storage.getItem(KEY) ?? undefined;
  }

  get value(): string | undefined {
    return this.#value;
  }

  /** True where it is another name than before. */
  set(name: string): boolean {
    if (name === this.#value) return false;
    this.#value = name;
    this.#storage.setItem(KEY, name);
    return true;
  }

  /** Returns what it was. */
  forget(): string | undefined {
    const name = this.#value;
    this.#value = undefined;
    this.#storage.removeItem(KEY);
    return name;
  }

  /** Shows the form for the name where there is none, else the field for messages. */
  ask(locale: Locale, wished?: string, error = ""): void {
    const { form, composer } = this.#fields;
    const nameless = this.#value === undefined;
    document.documentElement.toggleAttribute("data-nameless", nameless);
    form.hidden = !nameless;
    composer.hidden = nameless;
    if (nameless) form.open(locale, wished, error);
  }
}
