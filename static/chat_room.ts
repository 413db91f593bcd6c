import type { Event } from "../lib/events.ts";
import type { Entry } from "../lib/message.ts";
import { ApiError, history, presence, takeName } from "./api.ts";
import { Attention } from "./attention.ts";
import { action, commandsOf, parseTyped } from "./commands.ts";
import { Connection, type ConnectionListener, type ConnectionState } from "./connection.ts";
import { h, listen } from "./dom.ts";
import type { FirstScreen } from "./first_screen.ts";
import { Locale } from "./locale.ts";
import { mentions } from "./markup.ts";
import type { Reader } from "./message_view.ts";
import { Moves } from "./moves.ts";
import { Outbox } from "./outbox.ts";
import { People } from "./people.ts";
import { parseSettings, type Settings } from "./settings.ts";
import { chooseLanguage, isStringKey } from "./strings.ts";

const NAME_KEY = "partyline.name";
const SETTINGS_KEY = "partyline.settings";
/** Messages in one page of history. */
const PAGE = 100;
/** Who only reads is not told who comes and goes: it asks. */
const PRESENCE_MS = 15_000;

/** The whole page: what its elements dispatch arrives here, and what the server says leaves from here. */
export class ChatRoom extends HTMLElement implements ConnectionListener {
  #room = "";
  #name: string | undefined = localStorage.getItem(NAME_KEY) ?? undefined;
  #settings: Settings = parseSettings(localStorage.getItem(SETTINGS_KEY));
  #locale!: Locale;
  #attention!: Attention;
  #connection!: Connection;
  readonly #people = new People();
  readonly #moves = new Moves();
  readonly #outbox = new Outbox({
    post: (message) => this.#connection.post(message),
    changed: () => this.#showDrafts(),
    storage: localStorage,
  });
  readonly #list = this.querySelector("message-list")!;
  readonly #composer = this.querySelector("message-composer")!;
  readonly #nameForm = this.querySelector("name-form")!;
  readonly #chip = this.querySelector("connection-chip")!;
  readonly #panel = this.querySelector("people-panel")!;
  readonly #typing = this.querySelector("typing-line")!;
  readonly #announcer = this.querySelector(".announcer")!;

  /** Begins; to be called once. */
  open({ room, epoch, first, last, entries, limits }: FirstScreen): void {
    this.#room = room;
    this.#locale = localeOf(this.#settings);
    this.#attention = new Attention(room, this.#settings);
    this.#typing.locale = this.#locale;
    this.#list.open(entries, { first, last, room, reader: this.#reader });
    this.#composer.open(this.#locale, { room, limit: limits.text });
    this.#composer.lastText = entries.findLast(({ from }) => from === this.#name)?.text ?? "";
    this.#listen();
    this.#connection = new Connection(this, { epoch, seq: last });
    this.#showDrafts();
    this.#ask();
    this.#connection.start(this.#name);
    this.#goToHash();
  }

  get #reader(): Reader {
    return { locale: this.#locale, self: this.#name };
  }

  heard(events: readonly Event[]): void {
    const entries: Entry[] = [];
    for (const event of events) {
      if (event.type === "message") entries.push(event);
      else {
        this.#heardMessages(entries.splice(0));
        this.#heard(event);
      }
    }
    this.#heardMessages(entries);
  }

  changed(state: ConnectionState): void {
    this.#chip.show(state, this.#locale, this.#name === undefined);
    this.#showDrafts();
    if (state.type === "connected") this.#outbox.send();
    else this.#typing.clear();
  }

  refused(error: ApiError): void {
    this.#ask(this.#name, this.#reason(error));
    this.#name = undefined;
    localStorage.removeItem(NAME_KEY);
    this.#list.show(this.#reader);
  }

  #heardMessages(entries: readonly Entry[]): void {
    if (entries.length === 0) return;
    this.#moves.clear();
    this.#list.add(entries);
    for (const { id, from } of entries) {
      if (id) this.#outbox.settle(id);
      this.#typing.stop(from);
    }
    const theirs = entries.filter(({ from }) => from !== this.#name);
    if (document.hidden) {
      this.#attention.heard(theirs, ({ text }) => this.#isMention(text));
    } else this.#announce(theirs);
  }

  #heard(event: Event): void {
    switch (event.type) {
      case "welcome":
        if (event.name !== this.#name) this.#renamed(event.name, true);
        this.#people.set(event.count, event.names);
        return this.#showPeople();
      case "presence":
        this.#people.set(event.count, event.names);
        return this.#showPeople();
      case "join":
        this.#people.join(event.name, event.count);
        this.#moves.join(event.name);
        return this.#showMoves();
      case "leave":
        this.#people.leave(event.name, event.count);
        this.#moves.leave(event.name);
        this.#typing.stop(event.name);
        return this.#showMoves();
      case "rename":
        this.#people.rename(event.from, event.name);
        this.#moves.clear();
        if (event.from === this.#name) this.#renamed(event.name);
        this.#list.note(this.#locale.say("renamed", { from: event.from, name: event.name }));
        return this.#showPeople();
      case "typing":
        if (event.name !== this.#name) this.#typing.add(event.name);
        return;
      case "reset":
        return this.#reset(event);
    }
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
    this.#say(text);
  }

  #listen(): void {
    listen(this, "chat-send", (typed) => this.#send(typed));
    listen(this, "chat-typing", () => this.#connection.typing());
    listen(this, "chat-name", (name) => this.#takeName(name));
    listen(this, "chat-retry", (id) => this.#outbox.retry(id));
    listen(this, "chat-discard", (id) => this.#outbox.discard(id));
    listen(this, "chat-reconnect", () => this.#connection.reconnect());
    listen(this, "chat-mention", (name) => this.#composer.mention(name));
    listen(this, "chat-older", (seq) => this.#load({ before: seq }));
    listen(this, "chat-newer", (seq) => this.#load({ after: seq }));
    listen(this, "chat-latest", () => this.#latest());
    listen(this, "chat-go", (seq) => this.#go(seq));
    listen(this, "chat-settings", (settings) => this.#configure(settings));
    this.addEventListener("click", ({ target }) => {
      this.#show((target as Element).closest<HTMLElement>("[data-open]")?.dataset.open);
    });
    document.addEventListener("keydown", (event) => this.#key(event));
    addEventListener("hashchange", () => this.#goToHash());
    document.addEventListener("visibilitychange", () => this.#looked());
    setInterval(() => this.#askPresence(), PRESENCE_MS);
    this.#askPresence();
  }

  #show(what: string | undefined): void {
    // On a narrow screen the people lie over the messages: whatever is done next, they go.
    this.classList.toggle("people", what === "people" && !this.classList.contains("people"));
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
    if (control && key === "k") this.#show("search");
    else if (control && key === "ArrowUp") this.#list.focusLast();
    else if (control && key === "ArrowDown") this.#list.toEnd();
    else if (altKey && key === "c") this.#composer.focus();
    else if (control || altKey || writing) return;
    else if (key === "/") this.#show("search");
    else if (key === "?") this.#show("shortcuts");
    else if (key === "Escape") this.#composer.focus();
    else return;
    event.preventDefault();
  }

  #configure(settings: Settings): void {
    const { language } = this.#settings;
    this.#settings = settings;
    localStorage.setItem(SETTINGS_KEY, JSON.stringify(settings));
    // In another language everything is said anew: what was written and what waits is kept.
    if (settings.language !== language) return location.reload();
    const { dataset } = document.documentElement;
    dataset.theme = settings.theme;
    dataset.density = settings.density;
    this.#attention.settings = settings;
    if (settings.notifications !== "off" && "Notification" in globalThis) {
      Notification.requestPermission();
    }
    this.#speak(localeOf(settings));
  }

  #speak(locale: Locale): void {
    this.#locale = locale;
    this.#typing.locale = locale;
    this.#list.show(this.#reader);
    this.#showDrafts();
  }

  /** Shows the field for the name where there is none, else the one for messages. */
  #ask(wished?: string, error = ""): void {
    const nameless = this.#name === undefined || error !== "";
    document.documentElement.toggleAttribute("data-nameless", nameless);
    this.#nameForm.hidden = !nameless;
    this.#composer.hidden = nameless;
    if (nameless) this.#nameForm.open(this.#locale, wished, error);
  }

  async #takeName(wished: string): Promise<void> {
    const entering = this.#name === undefined;
    try {
      const name = await takeName(wished);
      this.#renamed(name, !entering);
      this.#connection.enter(name);
      if (!entering) return;
      this.#ask();
      this.#composer.focus();
    } catch (error) {
      const reason = this.#reason(error);
      if (entering) this.#nameForm.complain(reason);
      else this.#list.note(reason);
    }
  }

  #renamed(name: string, tell = false): void {
    if (name === this.#name) return;
    this.#name = name;
    localStorage.setItem(NAME_KEY, name);
    this.#list.show(this.#reader);
    this.#showPeople();
    if (tell) this.#list.note(this.#locale.say("youAre", { name }), "you-are");
  }

  #send(typed: string): void {
    const parsed = parseTyped(typed, "page");
    if (parsed.type === "unknown") {
      return this.#list.note(this.#locale.say("unknownCommand", { name: parsed.name }));
    }
    if (parsed.type === "text") return this.#post(parsed.text);
    const { command, rest } = parsed;
    switch (command.name) {
      case "me":
        return rest ? this.#post(`/me ${rest}`) : this.#list.note(this.#locale.say("actionWanted"));
      case "name":
        if (!rest) return this.#list.note(this.#locale.say("nameWanted"));
        this.#takeName(rest);
        return;
      case "who": {
        const { count, names } = this.#people;
        return this.#list.note(
          this.#locale.say("whoIsHere", { n: count, names: names.join(", ") }),
        );
      }
      case "search":
        return this.querySelector("search-panel")!.open(this.#locale, rest);
      case "help":
        return this.#list.note(this.#help());
    }
  }

  #help(): Node {
    const rows = commandsOf("page").flatMap(({ name, args, help }) => {
      const key = `cmd${name[0]!.toUpperCase()}${name.slice(1)}`;
      return [
        h("dt", {}, `/${name} ${args}`),
        h("dd", {}, isStringKey(key) ? this.#locale.say(key) : help),
      ];
    });
    return h("dl", { class: "help" }, ...rows);
  }

  #post(text: string): void {
    this.#list.markUnread(undefined);
    this.#outbox.add(text);
    this.#list.toEnd();
  }

  async #load(where: { before: number } | { after: number }): Promise<void> {
    try {
      const { events } = await history({ ...where, limit: PAGE });
      if ("before" in where) this.#list.addOlder(events);
      else this.#list.addNewer(events);
    } catch {
      this.#list.fail();
    }
  }

  async #latest(): Promise<void> {
    try {
      const { events } = await history({ limit: PAGE });
      this.#list.move(events);
      this.#list.toEnd();
    } catch {
      this.#list.fail();
    }
  }

  #goToHash(): void {
    const seq = /^#(\d{1,15})$/.exec(location.hash)?.[1];
    if (seq !== undefined) this.#go(Number(seq));
  }

  async #go(seq: number): Promise<void> {
    if (location.hash !== `#${seq}`) return void (location.hash = String(seq));
    if (this.#list.reveal(seq)) return;
    try {
      const { events } = await history({ around: seq, limit: PAGE });
      if (!events.some((entry) => entry.seq === seq)) {
        return this.#list.note(this.#locale.say("notFound", { n: seq }));
      }
      this.#list.move(events);
      this.#list.reveal(seq);
    } catch {
      this.#list.fail();
    }
  }

  /** Whoever comes back finds a line where they left off; what they have seen is no news. */
  #looked(): void {
    if (document.hidden) this.#list.markUnread(this.#list.newest);
    else this.#attention.clear();
  }

  #isMention(text: string): boolean {
    return this.#name !== undefined && mentions(text, this.#name);
  }

  async #askPresence(): Promise<void> {
    if (this.#name !== undefined || document.hidden) return;
    try {
      const { count, names } = await presence();
      this.#people.set(count, names);
      this.#showPeople();
    } catch {
      // best effort: it is asked again soon
    }
  }

  #showPeople(): void {
    this.#panel.show(this.#people, this.#reader);
    this.#composer.names = this.#people.names.filter((name) => name !== this.#name);
    const count = this.#locale.number(this.#people.count);
    const button = this.querySelector<HTMLElement>("[data-open=people]")!;
    button.ariaLabel = `${this.#locale.say("people")}: ${count}`;
    button.querySelector(".count")!.textContent = count;
  }

  #showMoves(): void {
    this.#showPeople();
    this.#list.note(this.#moves.text(this.#locale), "moves");
  }

  #showDrafts(): void {
    const connected = this.#connection.state.type === "connected";
    this.#list.drafts(this.#outbox.drafts, connected);
  }

  /** What to tell about an error of the server; one of our own is thrown on. */
  #reason(error: unknown): string {
    if (!(error instanceof ApiError)) throw error;
    const key = `error_${error.code}`;
    return isStringKey(key) ? this.#locale.say(key) : error.message;
  }

  /** To those who listen rather than look: what is new, never what was there. */
  #announce(entries: readonly Entry[]): void {
    const last = entries.at(-1);
    if (!last) return;
    const { from, text } = last;
    const acted = action(text);
    this.#say(
      entries.length > 3
        ? this.#locale.say("newMessages", { n: entries.length })
        : acted === undefined
        ? `${from}: ${text.slice(0, 500)}`
        : `${from} ${acted}`,
    );
  }

  #say(text: string): void {
    this.#announcer.textContent = text;
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
