import type { Features } from "../../lib/model/features.ts";
import type { Locale } from "../../lib/view/locale.ts";
import type { Settings } from "./settings.ts";
import { dialog, type DialogTag } from "./dialog.ts";
import { holdKeys } from "./held_keys.ts";
import { actionOf } from "./shortcuts.ts";

/** What a panel needs to know when it opens. */
export interface Opener {
  readonly locale: Locale;
  readonly settings: Settings;
  readonly name: string | undefined;
  readonly features: Features;
}

/** The buttons that open panels, and the keys that work everywhere on the page. */
export class Controls {
  readonly #room: HTMLElement;
  readonly #opener: () => Opener;
  readonly #failed: (error: unknown) => void;

  /** `failed` is called with why a panel could not be loaded. */
  constructor(room: HTMLElement, opener: () => Opener, failed: (error: unknown) => void) {
    this.#room = room;
    this.#opener = opener;
    this.#failed = failed;
    room.addEventListener("click", ({ target }) => {
      this.open((target as Element).closest<HTMLElement>("[data-open]")?.dataset.open);
    });
    document.addEventListener("keydown", (event) => this.#key(event));
    // Before the field for messages has it, which would clear what is written there.
    document.addEventListener("keydown", (event) => this.#leavePeople(event), { capture: true });
  }

  open(what: string | undefined): void {
    const { locale, settings, name, features } = this.#opener();
    // On a narrow screen the people lie over the messages: anything else closes them.
    this.#showPeople(what === "people" && !this.#arePeopleShown);
    if (what === "search") this.search();
    else if (what === "shortcuts") {
      this.show("shortcut-sheet", (sheet) => sheet.open(locale, features));
    } else if (what === "settings") {
      this.show("settings-panel", (panel) => panel.open(locale, settings, name));
    }
  }

  /** Opens a dialog, as soon as it is loaded. */
  async show<K extends DialogTag>(
    tag: K,
    open: (dialog: HTMLElementTagNameMap[K]) => void,
  ): Promise<void> {
    try {
      open(await dialog(tag));
    } catch (error) {
      this.#failed(error);
    }
  }

  /** With `words` to search for, otherwise those of the last time. */
  async search(words?: string): Promise<void> {
    // Whoever knows the key types on at once.
    const end = holdKeys();
    await this.show("search-panel", (panel) => {
      panel.open(this.#opener().locale, words);
      panel.type(end());
    });
    end();
  }

  #key(event: KeyboardEvent): void {
    if (event.isComposing || this.#room.querySelector("dialog[open]")) return;
    const writing = (event.target as Element).matches("input, textarea, select");
    const list = this.#room.querySelector("message-list")!;
    const action = actionOf(event, writing, this.#opener().features);
    if (action === "search") this.open("search");
    else if (action === "sheet") this.open("shortcuts");
    else if (action === "messages") list.focusLast();
    else if (action === "latest") list.toEnd();
    else if (action === "write") this.write();
    else if (event.key !== "Escape" || writing) return;
    else this.write();
    event.preventDefault();
  }

  /** Escape closes the people first, where they lie over the messages. */
  #leavePeople(event: KeyboardEvent): void {
    if (event.key !== "Escape" || !this.#arePeopleShown || !this.#people.checkVisibility()) return;
    if (event.isComposing || this.#room.querySelector("dialog[open]")) return;
    event.preventDefault();
    event.stopPropagation();
    this.#showPeople(false);
    if (!(event.target as Element).matches("input, textarea")) this.#people.focus();
  }

  get #people(): HTMLElement {
    return this.#room.querySelector<HTMLElement>("[data-open=people]")!;
  }

  get #arePeopleShown(): boolean {
    return this.#room.classList.contains("people");
  }

  #showPeople(shown: boolean): void {
    this.#room.classList.toggle("people", shown);
    this.#people.ariaExpanded = String(shown);
    if (shown) this.#room.querySelector("people-panel")!.focus();
  }

  /** Focuses the field for messages, without a name the one for the name, or what stands for both. */
  write(): void {
    const { name, features } = this.#opener();
    const field = name === undefined ? "name-form" : "message-composer";
    this.#room.querySelector<HTMLElement>(features.write ? field : "read-only-bar")!.focus();
  }
}
