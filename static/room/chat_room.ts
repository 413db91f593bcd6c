import type { RoomEvent } from "../../lib/model/events.ts";
import type { Entry } from "../../lib/model/message.ts";
import { Announcer } from "../attention/announcer.ts";
import { ApiError, takeName } from "../connection/api.ts";
import { Attention } from "../attention/attention.ts";
import { asTyped } from "../../lib/wire/commands.ts";
import {
  Connection,
  type ConnectionListener,
  type ConnectionState,
} from "../connection/connection.ts";
import { Controls } from "../panels/controls.ts";
import { Crowd } from "../people/crowd.ts";
import { h, listen } from "../base/dom.ts";
import type { FirstScreen } from "../../lib/view/first_screen.ts";
import { chooseLocale, type Locale } from "../../lib/view/locale.ts";
import { dress } from "../panels/look.ts";
import { mentions } from "../../lib/view/markup.ts";
import type { Viewer } from "../../lib/view/message_view.ts";
import { Outbox } from "../connection/outbox.ts";
import { Pager } from "../history/pager.ts";
import { perform } from "../composer/perform.ts";
import { Seen } from "../history/seen.ts";
import { parseSettings, type Settings } from "../panels/settings.ts";
import { openStorage } from "../base/storage.ts";

const NAME_KEY = "partyline.name";
const SETTINGS_KEY = "partyline.settings";
/** How often it looks for what nobody tells: who is here, for who only reads; and a new day. */
const LOOK_MS = 15_000;

/** The whole page: what its elements dispatch and what the server says meet here. */
export class ChatRoom extends HTMLElement implements ConnectionListener {
  readonly #storage = openStorage();
  readonly #list = this.querySelector("message-list")!;
  readonly #composer = this.querySelector("message-composer")!;
  readonly #nameForm = this.querySelector("name-form")!;
  readonly #chip = this.querySelector("connection-chip")!;
  readonly #typing = this.querySelector("typing-line")!;
  readonly #people = this.querySelector<HTMLElement>("[data-open=people]")!;
  readonly #controls = new Controls(this, () => ({
    locale: this.#locale,
    settings: this.#settings,
    name: this.#name,
  }));
  readonly #announcer = new Announcer(this.querySelector(".announcer")!);
  readonly #crowd = new Crowd({
    list: this.#list,
    panel: this.querySelector("people-panel")!,
    typing: this.#typing,
    changed: () => this.#showPeople(),
  });
  readonly #pager = new Pager(this.#list, (seq) => {
    this.#tell(this.#locale.say("notFound", { n: seq }));
  });
  readonly #outbox = new Outbox({
    post: (message) => this.#connection.post(message),
    changed: () => this.#showDrafts(),
    storage: this.#storage,
  });
  #room = "";
  #name: string | undefined = this.#storage.getItem(NAME_KEY) ?? undefined;
  #settings: Settings = parseSettings(this.#storage.getItem(SETTINGS_KEY));
  #locale: Locale = chooseLocale(this.#settings, navigator.languages);
  #attention!: Attention;
  #connection!: Connection;
  #seen!: Seen;
  /** A time on the day that is called today. */
  #today = Date.now();

  /** Begins with what the server put into the page; to be called once. */
  open({ room, epoch, first, last, entries, limits }: FirstScreen): void {
    this.#room = room;
    this.#attention = new Attention(room, this.#settings);
    this.#connection = new Connection(this, { epoch, seq: last });
    this.#seen = new Seen(this.#storage, epoch);
    this.#list.open(entries, { first, last, room, reader: this.#reader });
    this.#composer.open(this.#locale, { room, limit: limits.text, storage: this.#storage });
    const own = entries.findLast(({ from }) => from === this.#name);
    this.#composer.lastText = own ? asTyped(own.text) : "";
    this.#announcer.locale = this.#locale;
    this.#crowd.spoke(entries.map(({ from }) => from));
    this.#crowd.show(this.#reader);
    this.#showDrafts();
    this.#askName();
    this.#listen();
    this.#leftOff(entries);
    dress(this.#settings);
    // Where there are real keys one writes at once; on a phone a keyboard would cover the messages.
    if (matchMedia("(hover: hover) and (pointer: fine)").matches) this.#controls.write();
    this.#connection.start(this.#name);
    this.#pager.toHash();
  }

  heard(events: readonly RoomEvent[]): void {
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

  get #reader(): Viewer {
    return { locale: this.#locale, self: this.#name };
  }

  #heardMessages(entries: readonly Entry[]): void {
    if (entries.length === 0) return;
    this.#list.add(entries);
    this.#crowd.spoke(entries.map(({ from }) => from));
    this.#showPeople();
    for (const { id } of entries) if (id) this.#outbox.settle(id);
    const theirs = entries.filter(({ from }) => from !== this.#name);
    const self = this.#name;
    const isMention = ({ text }: Entry) => self !== undefined && mentions(text, self);
    if (document.hidden) this.#attention.heard(theirs, isMention);
    else this.#announcer.messages(theirs);
  }

  /** What was shown does not go on: the list begins anew and says why. */
  #reset({ reason, epoch, first, asked }: Extract<RoomEvent, { type: "reset" }>): void {
    this.#seen.forget();
    this.#seen = new Seen(this.#storage, epoch);
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
    listen(this, "chat-seen", (seq) => this.#seen.upTo(seq));
    listen(this, "chat-settings", (settings) => this.#configure(settings));
    document.addEventListener("visibilitychange", () => this.#looked());
    addEventListener("hashchange", () => this.#pager.toHash());
    setInterval(() => this.#lookAround(), LOOK_MS);
    this.#lookAround();
  }

  #perform(typed: string): void {
    perform(typed, this.#crowd.people, this.#locale, {
      post: (text) => {
        this.#list.markUnread(undefined);
        this.#outbox.add(text);
        this.#list.toEnd();
      },
      rename: (name) => this.#takeName(name),
      search: (words) => this.#controls.search(words),
      note: (content) => this.#tell(content),
    });
  }

  /** An answer to what was just done, where it is seen. */
  #tell(content: Node | string): void {
    this.#list.note(content);
    this.#list.toEnd();
    this.#announcer.say(typeof content === "string" ? content : content.textContent ?? "");
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
      this.#named(name);
      this.#connection.enter(name);
      if (!entering) return;
      this.#askName();
      this.#composer.focus();
    } catch (error) {
      const reason = this.#reason(error);
      if (entering) this.#nameForm.complain(reason);
      else this.#tell(reason);
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
    const { language } = this.#settings;
    this.#settings = settings;
    this.#attention.configure(settings);
    this.#storage.setItem(SETTINGS_KEY, JSON.stringify(settings));
    // In another language everything is said anew: what was written and what waits is kept.
    if (settings.language !== language) return location.reload();
    dress(settings);
    this.#locale = chooseLocale(settings, navigator.languages);
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
    const { count, known } = this.#crowd.people;
    this.#composer.names = known.filter((name) => name !== this.#name);
    this.#people.ariaLabel = `${this.#locale.say("people")}: ${this.#locale.number(count)}`;
    this.#people.querySelector(".count")!.textContent = this.#locale.number(count);
  }

  #showDrafts(): void {
    this.#list.drafts(this.#outbox.drafts, this.#connection.state.type === "connected");
  }

  /** Whoever comes back finds a line where they left off; what they have seen is no news. */
  #looked(): void {
    if (document.hidden) return this.#list.markUnread(this.#seen.seq);
    this.#attention.clear();
    this.#lookAround();
    this.#list.look();
  }

  /** The same for who was here before this page was loaded; what they said themselves is no news. */
  #leftOff(entries: readonly Entry[]): void {
    const { seq } = this.#seen;
    const isNews = ({ seq: at, from }: Entry) => at > seq! && from !== this.#name;
    if (seq !== undefined && entries.some(isNews)) this.#list.markUnread(seq);
    this.#list.look();
  }

  #lookAround(): void {
    if (document.hidden) return;
    if (this.#name === undefined) this.#crowd.ask();
    const now = Date.now();
    if (!this.#locale.sameDay(this.#today, now)) this.#show();
    this.#today = now;
  }

  /** What to tell about an error of the server; one of our own is thrown on. */
  #reason(error: unknown): string {
    if (!(error instanceof ApiError)) throw error;
    return this.#locale.reason(error.code) ?? error.message;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "chat-room": ChatRoom;
  }
}
