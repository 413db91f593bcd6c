import type { Event } from "../lib/events.ts";
import type { Entry } from "../lib/message.ts";
import { Announcer } from "./announcer.ts";
import { ApiError, takeName } from "./api.ts";
import { Attention } from "./attention.ts";
import { Connection, type ConnectionListener, type ConnectionState } from "./connection.ts";
import { Crowd } from "./crowd.ts";
import { h, listen } from "./dom.ts";
import type { FirstScreen } from "./first_screen.ts";
import { Locale } from "./locale.ts";
import { mentions } from "./markup.ts";
import type { Reader } from "./message_view.ts";
import { Outbox } from "./outbox.ts";
import { Pager } from "./pager.ts";
import { perform } from "./perform.ts";
import { parseSettings, type Settings } from "./settings.ts";
import { openStorage } from "./storage.ts";
import { chooseLanguage, isStringKey } from "./strings.ts";

const NAME_KEY = "partyline.name";
const SETTINGS_KEY = "partyline.settings";
/** Who only reads is not told who comes and goes: it asks. */
const PRESENCE_MS = 15_000;

/** The whole page: what its elements dispatch and what the server says meet here. */
export class ChatRoom extends HTMLElement implements ConnectionListener {
  readonly #storage = openStorage();
  readonly #list = this.querySelector("message-list")!;
  readonly #composer = this.querySelector("message-composer")!;
  readonly #nameForm = this.querySelector("name-form")!;
  readonly #chip = this.querySelector("connection-chip")!;
  readonly #typing = this.querySelector("typing-line")!;
  readonly #people = this.querySelector<HTMLElement>("[data-open=people]")!;
  readonly #announcer = new Announcer(this.querySelector(".announcer")!);
  readonly #crowd = new Crowd({
    list: this.#list,
    panel: this.querySelector("people-panel")!,
    typing: this.#typing,
    changed: () => this.#showPeople(),
  });
  readonly #pager = new Pager(this.#list, (seq) => {
    this.#list.note(this.#locale.say("notFound", { n: seq }));
  });
  readonly #outbox = new Outbox({
    post: (message) => this.#connection.post(message),
    changed: () => this.#showDrafts(),
    storage: this.#storage,
  });
  #room = "";
  #name: string | undefined = this.#storage.getItem(NAME_KEY) ?? undefined;
  #settings: Settings = parseSettings(this.#storage.getItem(SETTINGS_KEY));
  #locale: Locale = localeOf(this.#settings);
  #attention!: Attention;
  #connection!: Connection;

  /** Begins with what the server put into the page; to be called once. */
  open({ room, epoch, first, last, entries, limits }: FirstScreen): void {
    this.#room = room;
    this.#attention = new Attention(room, this.#settings);
    this.#connection = new Connection(this, { epoch, seq: last });
    this.#list.open(entries, { first, last, room, reader: this.#reader });
    this.#composer.open(this.#locale, { room, limit: limits.text, storage: this.#storage });
    this.#composer.lastText = entries.findLast(({ from }) => from === this.#name)?.text ?? "";
    this.#announcer.locale = this.#locale;
    this.#crowd.show(this.#reader);
    this.#showDrafts();
    this.#askName();
    this.#listen();
    this.#connection.start(this.#name);
    this.#pager.toHash();
  }

  heard(events: readonly Event[]): void {
    const entries: Entry[] = [];
    for (const event of events) {
      if (event.type === "message") entries.push(event);
      else {
        this.#heardMessages(entries.splice(0));
        if (event.type === "welcome") this.#named(event.name, true);
        if (event.type === "rename" && event.from === this.#name) this.#named(event.name);
        if (event.type === "reset") this.#reset(event);
        this.#crowd.heard(event);
      }
    }
    this.#heardMessages(entries);
  }

  changed(state: ConnectionState): void {
    this.#chip.show(state, this.#locale, this.#name === undefined);
    this.#announcer.connection(state);
    this.#showDrafts();
    if (state.type === "connected") this.#outbox.send();
    else this.#typing.clear();
  }

  refused(error: ApiError): void {
    const wished = this.#name;
    this.#name = undefined;
    this.#storage.removeItem(NAME_KEY);
    this.#show();
    this.#askName(wished, this.#reason(error));
  }

  get #reader(): Reader {
    return { locale: this.#locale, self: this.#name };
  }

  #heardMessages(entries: readonly Entry[]): void {
    if (entries.length === 0) return;
    this.#list.add(entries);
    this.#crowd.spoke(entries.map(({ from }) => from));
    for (const { id } of entries) if (id) this.#outbox.settle(id);
    const theirs = entries.filter(({ from }) => from !== this.#name);
    const self = this.#name;
    const isMention = ({ text }: Entry) => self !== undefined && mentions(text, self);
    if (document.hidden) this.#attention.heard(theirs, isMention);
    else this.#announcer.messages(theirs);
  }

  /** What was shown does not go on: the list begins anew and says why. */
  #reset({ reason, first, asked }: Extract<Event, { type: "reset" }>): void {
    this.#list.open([], { first, last: first - 1, room: this.#room, reader: this.#reader });
    const missing = Math.max(1, first - (asked ?? first - 2) - 1);
    const text = {
      gap: this.#locale.say("gap", { n: missing }),
      epoch: this.#locale.say("resetEpoch"),
      future: this.#locale.say("resetFuture"),
    }[reason];
    this.#list.note(h("strong", {}, text));
    this.#announcer.say(text);
  }

  #listen(): void {
    listen(this, "chat-send", (typed) => this.#perform(typed));
    listen(this, "chat-typing", () => this.#connection.typing());
    listen(this, "chat-name", (name) => this.#takeName(name));
    listen(this, "chat-retry", (id) => this.#outbox.retry(id));
    listen(this, "chat-discard", (id) => this.#outbox.discard(id));
    listen(this, "chat-reconnect", () => this.#connection.reconnect());
    listen(this, "chat-mention", (name) => this.#composer.mention(name));
    listen(this, "chat-older", (seq) => this.#pager.older(seq));
    listen(this, "chat-newer", (seq) => this.#pager.newer(seq));
    listen(this, "chat-latest", () => this.#pager.latest());
    listen(this, "chat-go", (seq) => this.#pager.go(seq));
    listen(this, "chat-settings", (settings) => this.#configure(settings));
    this.addEventListener("click", ({ target }) => {
      this.#open((target as Element).closest<HTMLElement>("[data-open]")?.dataset.open);
    });
    document.addEventListener("keydown", (event) => this.#key(event));
    document.addEventListener("visibilitychange", () => this.#looked());
    addEventListener("hashchange", () => this.#pager.toHash());
    setInterval(() => this.#askPresence(), PRESENCE_MS);
    this.#askPresence();
  }

  #perform(typed: string): void {
    perform(typed, this.#crowd.people, this.#locale, {
      post: (text) => {
        this.#list.markUnread(undefined);
        this.#outbox.add(text);
        this.#list.toEnd();
      },
      rename: (name) => this.#takeName(name),
      search: (words) => this.querySelector("search-panel")!.open(this.#locale, words),
      note: (content) => {
        this.#list.toEnd();
        this.#list.note(content);
      },
    });
  }

  #open(what: string | undefined): void {
    // On a narrow screen the people lie over the messages: whatever is done next, they go.
    const people = what === "people" && !this.classList.contains("people");
    this.classList.toggle("people", people);
    this.#people.ariaExpanded = String(people);
    if (what === "search") this.querySelector("search-panel")!.open(this.#locale);
    else if (what === "shortcuts") this.querySelector("shortcut-sheet")!.open(this.#locale);
    else if (what === "settings") {
      this.querySelector("settings-panel")!.open(this.#locale, this.#settings, this.#name);
    }
  }

  /** The keys that work wherever the focus is, unless a sheet is open. */
  #key(event: KeyboardEvent): void {
    const { key, altKey, target } = event;
    const control = event.ctrlKey || event.metaKey;
    if (event.isComposing || this.querySelector("dialog[open]")) return;
    const writing = (target as Element).matches("input, textarea, select");
    if (control && key === "k") this.#open("search");
    else if (control && key === "ArrowUp") this.#list.focusLast();
    else if (control && key === "ArrowDown") this.#list.toEnd();
    else if (altKey && key === "c") this.#composer.focus();
    else if (control || altKey || writing) return;
    else if (key === "/") this.#open("search");
    else if (key === "?") this.#open("shortcuts");
    else if (key === "Escape" && this.classList.contains("people")) this.#open(undefined);
    else if (key === "Escape") this.#composer.focus();
    else return;
    event.preventDefault();
  }

  /** Shows the field for the name where there is none, else the one for messages. */
  #askName(wished?: string, error = ""): void {
    const nameless = this.#name === undefined;
    document.documentElement.toggleAttribute("data-nameless", nameless);
    this.#nameForm.hidden = !nameless;
    this.#composer.hidden = nameless;
    if (nameless) this.#nameForm.open(this.#locale, wished, error);
  }

  /** To come in, or to be called otherwise. */
  async #takeName(wished: string): Promise<void> {
    const entering = this.#name === undefined;
    try {
      const name = await takeName(wished);
      this.#named(name, !entering);
      this.#connection.enter(name);
      if (!entering) return;
      this.#askName();
      this.#composer.focus();
    } catch (error) {
      const reason = this.#reason(error);
      if (entering) this.#nameForm.complain(reason);
      else this.#list.note(reason);
    }
  }

  #named(name: string, tell = false): void {
    if (name === this.#name) return;
    this.#name = name;
    this.#storage.setItem(NAME_KEY, name);
    this.#show();
    if (tell) this.#list.note(this.#locale.say("youAre", { name }), "you-are");
  }

  #configure(settings: Settings): void {
    const { language, notifications } = this.#settings;
    this.#settings = this.#attention.settings = settings;
    this.#storage.setItem(SETTINGS_KEY, JSON.stringify(settings));
    // In another language everything is said anew: what was written and what waits is kept.
    if (settings.language !== language) return location.reload();
    const { dataset } = document.documentElement;
    dataset.theme = settings.theme;
    dataset.density = settings.density;
    const wanted = settings.notifications !== "off" && settings.notifications !== notifications;
    if (wanted && "Notification" in globalThis) Notification.requestPermission();
    this.#locale = localeOf(settings);
    this.#show();
  }

  /** Everything anew, where the reader is another or is spoken to otherwise. */
  #show(): void {
    this.#announcer.locale = this.#locale;
    this.#list.show(this.#reader);
    this.#crowd.show(this.#reader);
    this.#showDrafts();
  }

  #showPeople(): void {
    const { count, names } = this.#crowd.people;
    this.#composer.names = names.filter((name) => name !== this.#name);
    this.#people.ariaLabel = `${this.#locale.say("people")}: ${this.#locale.number(count)}`;
    this.#people.querySelector(".count")!.textContent = this.#locale.number(count);
  }

  #showDrafts(): void {
    this.#list.drafts(this.#outbox.drafts, this.#connection.state.type === "connected");
  }

  /** Whoever comes back finds a line where they left off; what they have seen is no news. */
  #looked(): void {
    if (document.hidden) this.#list.markUnread(this.#list.newest);
    else this.#attention.clear();
  }

  #askPresence(): void {
    if (this.#name === undefined && !document.hidden) this.#crowd.ask();
  }

  /** What to tell about an error of the server; one of our own is thrown on. */
  #reason(error: unknown): string {
    if (!(error instanceof ApiError)) throw error;
    const key = `error_${error.code}`;
    return isStringKey(key) ? this.#locale.say(key) : error.message;
  }
}

/** As it was chosen, else as the browser is set. */
function localeOf({ language: chosen, clock }: Settings): Locale {
  const language = chosen === "auto" ? chooseLanguage(navigator.languages) : chosen;
  const region = navigator.languages.find((tag) => chooseLanguage([tag, "en"]) === language);
  return new Locale(language, { clock, ...(region !== undefined && { region }) });
}

declare global {
  interface HTMLElementTagNameMap {
    "chat-room": ChatRoom;
  }
}
