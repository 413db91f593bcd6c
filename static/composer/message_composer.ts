import type { SlashCommand } from "../../lib/wire/commands.ts";
import { complete, type Completion } from "./completion.ts";
import { emit, h } from "../base/dom.ts";
import type { Locale } from "../../lib/view/locale.ts";
import { explain } from "./perform.ts";
import type { TextStorage } from "../base/storage.ts";

const DRAFT_KEY = "partyline.draft";
/** From here on the counter is shown: characters left. */
const COUNT_FROM = 400;
/** The server passes on at most one typing notice in this time. */
const TYPING_MS = 3000;

/** Where messages are written. Dispatches `chat-send` and `chat-typing`. */
export class MessageComposer extends HTMLElement {
  /** Whom @ may complete. */
  names: readonly string[] = [];
  /** What Up brings back. */
  lastText = "";
  #locale!: Locale;
  #storage!: TextStorage;
  #limit = 4000;
  #typedAt = 0;
  #completion: Completion | undefined;
  #chosen = 0;
  readonly #form = this.querySelector("form")!;
  readonly #field = this.querySelector("textarea")!;
  readonly #send = this.querySelector<HTMLButtonElement>(".send")!;
  readonly #counter = h("output", { class: "counter", hidden: true, for: "composer" });
  readonly #options = h("ul", { id: "suggestions", role: "listbox", hidden: true });

  connectedCallback(): void {
    this.#field.setAttribute("aria-autocomplete", "list");
    this.#field.setAttribute("aria-controls", "suggestions");
    this.#field.removeAttribute("required");
    this.#form.prepend(this.#options);
    this.#form.append(this.#counter);
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#submit();
    });
    this.#field.addEventListener("input", () => this.#typed());
    this.#field.addEventListener("keydown", (event) => this.#key(event));
    this.#field.addEventListener("blur", () => this.#suggest(undefined));
    this.#field.addEventListener("click", () => this.#look());
    // Before the click, which would come after the field has lost the focus.
    this.#options.addEventListener("pointerdown", (event) => {
      event.preventDefault();
      const option = (event.target as Element).closest("li");
      if (option) this.#take([...this.#options.children].indexOf(option));
    });
  }

  open(
    locale: Locale,
    { room, limit, storage }: { room: string; limit: number; storage: TextStorage },
  ): void {
    this.#locale = locale;
    this.#storage = storage;
    this.#limit = limit;
    this.#options.ariaLabel = locale.say("suggestions");
    this.#field.ariaLabel = locale.say("message");
    this.#field.placeholder = locale.say("messageTo", { room });
    this.#send.ariaLabel = this.#send.title = locale.say("send");
    // What was typed before this program ran counts as well.
    this.#set(this.#field.value || (storage.getItem(DRAFT_KEY) ?? ""));
  }

  /** Adds a mention where the caret is. */
  mention(name: string): void {
    const { value, selectionStart: caret } = this.#field;
    const space = caret > 0 && !/\s/.test(value[caret - 1]!) ? " " : "";
    this.#field.setRangeText(`${space}@${name} `, caret, this.#field.selectionEnd, "end");
    this.#typed();
    this.#field.focus();
  }

  override focus(): void {
    this.#field.focus();
  }

  #submit(): void {
    const text = this.#field.value.trimEnd();
    if (text.trim() === "" || this.#over > 0) return;
    this.lastText = text;
    this.#set("");
    this.#field.focus();
    emit(this, "chat-send", text);
  }

  #set(text: string): void {
    this.#field.value = text;
    this.#suggest(undefined);
    this.#changed();
  }

  #typed(): void {
    this.#changed();
    this.#look();
    const now = Date.now();
    if (this.#field.value === "" || now - this.#typedAt < TYPING_MS) return;
    this.#typedAt = now;
    emit(this, "chat-typing");
  }

  #changed(): void {
    const { value } = this.#field;
    this.#storage.setItem(DRAFT_KEY, value);
    this.#grow();
    const left = -this.#over;
    this.#counter.hidden = left > COUNT_FROM;
    this.#counter.classList.toggle("over", left < 0);
    this.#counter.textContent = left < 0
      ? this.#locale.say("tooLong", { n: -left })
      : this.#locale.say("remaining", { n: left });
    this.#send.disabled = value.trim() === "" || left < 0;
  }

  /** Characters above the limit; negative below it. */
  get #over(): number {
    return [...this.#field.value].length - this.#limit;
  }

  #grow(): void {
    if (CSS.supports("field-sizing", "content")) return;
    this.#field.style.height = "auto";
    this.#field.style.height = `${this.#field.scrollHeight}px`;
  }

  #key(event: KeyboardEvent): void {
    // While an input method composes, its keys are its own; Safari tells by 229 only.
    if (event.isComposing || event.keyCode === 229) return;
    if (this.#completion && this.#completionKey(event)) return event.preventDefault();
    if (event.key === "Enter" && !event.shiftKey && !event.altKey) {
      event.preventDefault();
      this.#submit();
    } else if (event.key === "ArrowUp" && this.#field.value === "" && this.lastText !== "") {
      event.preventDefault();
      this.#set(this.lastText);
    } else if (event.key === "Escape" && this.#field.value !== "") {
      event.preventDefault();
      this.#set("");
    }
  }

  /** Whether the key was for the suggestions. */
  #completionKey({ key, shiftKey }: KeyboardEvent): boolean {
    const count = this.#completion!.options.length;
    if (key === "ArrowDown" || key === "ArrowUp") {
      const step = key === "ArrowDown" ? 1 : count - 1;
      this.#choose((this.#chosen + step) % count);
    } else if (key === "Tab" && !shiftKey) this.#take(this.#chosen);
    else if (key === "Enter" && !shiftKey) {
      // A command that is typed in full is given, not completed.
      if (this.#field.value === this.#completion!.options[this.#chosen]!.insert) return false;
      this.#take(this.#chosen);
    } else if (key === "Escape") this.#suggest(undefined);
    else return false;
    return true;
  }

  #look(): void {
    const { value, selectionStart, selectionEnd } = this.#field;
    const caret = selectionStart === selectionEnd ? selectionStart : -1;
    this.#suggest(caret < 0 ? undefined : complete(value, caret, this.names));
  }

  #suggest(completion: Completion | undefined): void {
    this.#completion = completion;
    this.#options.hidden = !completion;
    this.#options.replaceChildren(
      ...(completion?.options ?? []).map(({ what }, i) =>
        h("li", { role: "option", id: `suggestion-${i}`, dir: "auto" }, ...this.#label(what))
      ),
    );
    if (completion) this.#choose(0);
    else this.#field.removeAttribute("aria-activedescendant");
  }

  #label(option: string | SlashCommand): (Node | string)[] {
    if (typeof option === "string") return [option];
    const { usage, what } = explain(option, this.#locale);
    return [usage, h("span", { class: "hint" }, what)];
  }

  #choose(index: number): void {
    this.#chosen = index;
    for (const [i, option] of [...this.#options.children].entries()) {
      option.setAttribute("aria-selected", String(i === index));
      if (i === index) option.scrollIntoView({ block: "nearest" });
    }
    this.#field.setAttribute("aria-activedescendant", `suggestion-${index}`);
  }

  #take(index: number): void {
    const { start, options } = this.#completion!;
    this.#field.setRangeText(options[index]!.insert, start, this.#field.selectionStart, "end");
    this.#suggest(undefined);
    this.#changed();
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "message-composer": MessageComposer;
  }
}
