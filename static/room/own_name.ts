import type { Locale } from "../../lib/view/locale.ts";
import type { ReadOnlyBar } from "../access/read_only_bar.ts";
import type { MessageComposer } from "../composer/message_composer.ts";
import type { NameForm } from "../composer/name_form.ts";
import type { TextStorage } from "../base/storage.ts";

const KEY = "partyline.name";

/** The form that asks for a name, and the composer that takes its place once there is one. */
export interface NameFields {
  readonly form: NameForm;
  /** In the place of both, for somebody who may only read. */
  readonly readOnly: ReadOnlyBar;
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

  /** Shows that one may only read, and asks for no name. */
  showReadOnly(locale: Locale): void {
    const { form, composer, readOnly } = this.#fields;
    form.hidden = composer.hidden = true;
    readOnly.show(locale);
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
