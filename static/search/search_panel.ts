import type { Message } from "../../lib/model/message.ts";
import { searchMessages } from "../base/api.ts";
import { h, type Timer } from "../base/dom.ts";
import { emit } from "../base/page_events.ts";
import { excerpt } from "./excerpt.ts";
import type { Locale } from "../../lib/view/locale.ts";
import { plainMessage } from "../../lib/view/message_view.ts";
import { localDay, parseLocalQuery, toServerQuery } from "./local_query.ts";
import { createSheet } from "../panels/sheet.ts";

/** From the last key to the search: longer than between the keys of a word. */
const PAUSE_MS = 150;
const PAGE = 30;

/**
 * Searches while words are typed. Dispatches `chat-go` with the seq of the chosen message, and
 * `chat-day` with the beginning of the chosen day.
 */
export class SearchPanel extends HTMLElement {
  #locale!: Locale;
  #dialog: HTMLDialogElement | undefined;
  #timer: Timer;
  #search = new AbortController();
  #hits: Message[] = [];
  /** Where the next page of hits begins. */
  #before: number | undefined;
  #chosen = -1;
  /** Those of the query, without its filters. */
  #words = "";
  readonly #field = h("input", {
    type: "search",
    role: "combobox",
    "aria-expanded": "true",
    "aria-controls": "hits",
    "aria-autocomplete": "none",
    autocomplete: "off",
    spellcheck: "false",
    dir: "auto",
    // With its days as times it must not be longer than a search may be.
    maxlength: 150,
    input: () => this.#typed(),
    keydown: (event) => this.#key(event as KeyboardEvent),
  });
  readonly #day = h("input", { type: "date", name: "day", required: true });
  readonly #status = h("p", { class: "status", role: "status" });
  readonly #list = h("ul", { id: "hits", role: "listbox", click: (event) => this.#click(event) });
  readonly #more = h("button", {
    class: "more",
    type: "button",
    hidden: true,
    click: () => this.#load(),
  });

  open(locale: Locale, wished?: string): void {
    this.#locale = locale;
    this.#dialog ??= this.#build();
    if (wished !== undefined) this.#field.value = wished;
    if (!this.#dialog.open) this.#dialog.showModal();
    this.#field.select();
    this.#typed();
  }

  /** As if it were typed now. */
  type(text: string): void {
    if (text === "") return;
    const { selectionStart, selectionEnd } = this.#field;
    this.#field.setRangeText(text, selectionStart ?? 0, selectionEnd ?? 0, "end");
    this.#typed();
  }

  #build(): HTMLDialogElement {
    const title = this.#locale.say("searchMessages");
    this.#field.ariaLabel = this.#field.placeholder = title;
    this.#list.ariaLabel = this.#locale.say("messages");
    this.#more.textContent = this.#locale.say("moreHits");
    const dialog = createSheet(
      this.#locale,
      title,
      this.#field,
      this.#dayForm(),
      this.#status,
      this.#list,
      this.#more,
    );
    dialog.classList.add("search");
    this.append(dialog);
    return dialog;
  }

  #dayForm(): HTMLFormElement {
    return h(
      "form",
      {
        class: "day-form",
        submit: (event) => {
          event.preventDefault();
          const [year, month, day] = this.#day.value.split("-").map(Number);
          if (day === undefined) return;
          this.#dialog?.close();
          emit(this, "chat-day", localDay(year!, month!, day));
        },
      },
      h("label", {}, this.#locale.say("goToDay"), this.#day),
      h("button", { class: "secondary" }, this.#locale.say("go")),
    );
  }

  #typed(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#hits = [];
      this.#before = undefined;
      this.#load();
    }, PAUSE_MS);
  }

  /** The first page of hits, or the next. */
  async #load(): Promise<void> {
    this.#search.abort();
    const { signal } = this.#search = new AbortController();
    let q = "";
    try {
      const query = parseLocalQuery(this.#field.value);
      q = toServerQuery(query);
      this.#words = query.words;
    } catch {
      this.#hits = [];
      this.#show("", false);
      this.#status.textContent = this.#locale.say("dayWanted");
      return;
    }
    if (q === "") return this.#show(q, false);
    try {
      const before = this.#before;
      const page = await searchMessages(
        { q, limit: PAGE, ...(before !== undefined && { before }) },
        signal,
      );
      if (signal.aborted) return;
      this.#hits.push(...page.events);
      this.#before = page.before ?? page.events.at(-1)?.seq;
      this.#show(q, page.more);
    } catch {
      if (!signal.aborted) this.#status.textContent = this.#locale.say("error_network");
    }
  }

  #show(q: string, more: boolean): void {
    const count = this.#hits.length;
    this.#list.replaceChildren(...this.#hits.map((entry, i) => this.#hit(entry, i)));
    this.#more.hidden = !more;
    const n = `${this.#locale.number(count)}${more ? "+" : ""}`;
    this.#status.textContent = q === ""
      ? this.#locale.say("searchHint")
      : count === 0
      ? this.#locale.say("noHits", { q: this.#field.value.trim() })
      : this.#locale.say("hits", { n: count === 1 ? 1 : n });
    this.#choose(Math.min(Math.max(this.#chosen, 0), count - 1));
  }

  #hit(entry: Message, i: number): HTMLElement {
    const { from, at } = entry;
    const pieces = excerpt(plainMessage(entry), this.#words).map((piece) =>
      piece.hit ? h("mark", {}, piece.text) : piece.text
    );
    return h(
      "li",
      { role: "option", id: `hit-${i}` },
      h("b", { dir: "auto" }, from),
      h("time", {}, `${this.#locale.day(at, Date.now())} ${this.#locale.time(at)}`),
      h("p", { dir: "auto" }, ...pieces),
    );
  }

  #key(event: KeyboardEvent): void {
    if (event.isComposing) return;
    const count = this.#hits.length;
    // By default the first Escape would only empty the search field.
    if (event.key === "Escape") this.#dialog?.close();
    else if (event.key === "Enter") this.#go(this.#chosen);
    else if (count === 0) return;
    else if (event.key === "ArrowDown") this.#choose((this.#chosen + 1) % count);
    else if (event.key === "ArrowUp") this.#choose((this.#chosen + count - 1) % count);
    else return;
    event.preventDefault();
  }

  #click({ target }: Event): void {
    const option = (target as Element).closest("li");
    if (option) this.#go([...this.#list.children].indexOf(option));
  }

  #choose(index: number): void {
    this.#chosen = index;
    for (const [i, option] of [...this.#list.children].entries()) {
      option.setAttribute("aria-selected", String(i === index));
      if (i === index) option.scrollIntoView({ block: "nearest" });
    }
    if (index < 0) this.#field.removeAttribute("aria-activedescendant");
    else this.#field.setAttribute("aria-activedescendant", `hit-${index}`);
  }

  #go(index: number): void {
    const entry = this.#hits[index];
    if (!entry) return;
    this.#dialog?.close();
    emit(this, "chat-go", entry.seq);
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "search-panel": SearchPanel;
  }
}
