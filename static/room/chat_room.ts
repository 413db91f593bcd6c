import { asTyped } from "../../lib/wire/action.ts";
import { type Client, type ClientEvent, type ConnectionState, join } from "../../lib/client/mod.ts";
import {
  NotConnected,
  Refusal,
  type RoomEvent,
  TurnedAway,
  type Welcome,
} from "../../lib/client/mod.ts";
import type { FirstScreen } from "../../lib/view/first_screen.ts";
import type { Locale } from "../../lib/view/locale.ts";
import type { Viewer } from "../../lib/view/message_view.ts";
import { isEntry } from "../../lib/model/events.ts";
import type { OrderFields } from "../../lib/model/order.ts";
import { measureWords } from "../../lib/view/moderation_text.ts";
import { ALL_FEATURES, type Features } from "../../lib/model/features.ts";
import { parseText } from "../../lib/model/draft.ts";
import { type Change, isChange, type Message } from "../../lib/model/message.ts";
import { answeredBy, Conversation } from "../actions/conversation.ts";
import type { Purpose } from "../access/password_dialog.ts";
import { Announcer } from "../attention/announcer.ts";
import { Attention } from "../attention/attention.ts";
import { adoptToken } from "../base/api.ts";
import type { Database } from "../base/database.ts";
import { listen } from "../base/page_events.ts";
import { openStorage } from "../base/storage.ts";
import { openPictures } from "../viewer/opening.ts";
import { watchNetwork } from "../connection/network.ts";
import { Attaching } from "../files/attaching.ts";
import { Pager } from "../history/pager.ts";
import { Reading } from "../history/reading.ts";
import { OfflineCopy } from "../offline/copy.ts";
import { Controls } from "../panels/controls.ts";
import { loadDialogs } from "../panels/dialog.ts";
import { dress } from "../panels/look.ts";
import { type Settings, SETTINGS_KEY } from "../panels/settings.ts";
import { House } from "../moderation/house.ts";
import { Crowd } from "../people/crowd.ts";
import { Incoming } from "./incoming.ts";
import { leaveKeyboardSpace } from "./keyboard_space.ts";
import { OwnName } from "./own_name.ts";

/** How often the page looks whether a new day has begun. */
const NEW_DAY_MS = 15_000;

/** When nothing else is to be done, what is opened rarely is loaded, so that it is there at once. */
const AHEAD_MS = 3000;

/** What a room is opened with, besides its first screen. */
export interface RoomOptions {
  readonly database: Database;
  readonly settings: Settings;
  readonly locale: Locale;
}

/** The whole page: what its elements dispatch and what the server says meet here. */
export class ChatRoom extends HTMLElement {
  readonly #storage = openStorage();
  readonly #list = this.querySelector("message-list")!;
  readonly #composer = this.querySelector("message-composer")!;
  readonly #nameForm = this.querySelector("name-form")!;
  readonly #chip = this.querySelector("connection-chip")!;
  readonly #typing = this.querySelector("typing-line")!;
  readonly #announcer: Announcer = new Announcer(this.querySelector(".announcer")!);
  readonly #name: OwnName = new OwnName(this.#storage, {
    form: this.#nameForm,
    composer: this.#composer,
    readOnly: this.querySelector("read-only-bar")!,
  });
  readonly #controls = new Controls(this, () => ({
    locale: this.#locale,
    settings: this.#settings,
    name: this.#name.value,
    features: this.#features,
  }), () => this.#notLoaded());
  readonly #pager = new Pager(this.#list, (seq) => {
    this.#tell(this.#locale.say("notFound", { n: seq }));
  });
  readonly #house = new House({
    topic: this.querySelector<HTMLElement>(".topic")!,
    composer: this.#composer,
    list: this.#list,
    changed: () => {
      this.#composer.operator = this.#house.operator;
      this.#show();
    },
  }, () => this.#locale);
  #settings!: Settings;
  #locale!: Locale;
  #features: Features = ALL_FEATURES;
  #client!: Client;
  #crowd!: Crowd;
  #attention!: Attention;
  #reading!: Reading;
  #incoming!: Incoming;
  #conversation!: Conversation;
  #files!: Attaching;
  #copy!: OfflineCopy;
  #limits: Pick<Welcome["limits"], "text" | "edit_for"> = { text: 0 };
  /** A time on the day that is called today. */
  #today = Date.now();

  /** Begins with what the server put into the page; to be called once. */
  open(screen: FirstScreen, { database, settings, locale }: RoomOptions): void {
    this.#settings = settings;
    this.#locale = locale;
    const { room, topic, epoch, first, last, entries, quoted, limits, features } = screen;
    this.#house.showTopic(topic);
    this.#features = features;
    this.#limits = limits;
    const reads = !features.write;
    this.#client = join(new URL("./", location.href), {
      name: reads ? undefined : this.#name.value,
      lurk: reads || this.#name.value === undefined,
      credentials: "cookie",
      since: epoch === "" ? undefined : `${epoch}-${last}`,
      storage: this.#storage,
      onOutgoing: () => this.#showOutgoing(),
      transfer: async (...sending) => (await import("../files/file_desk.ts")).transfer(...sending),
    });
    this.#copy = new OfflineCopy(database);
    this.#copy.begin(screen);
    this.#files = new Attaching({
      composer: this.#composer,
      database,
      viewer: () => this.#viewer,
      upload: (...file) => this.#client.upload(...file),
      say: ({ text, id, re, files }) =>
        this.#client.say(text, { id, re, files: files.flatMap(({ info }) => info ?? []) }),
      discard: (id) => this.#client.discard(id),
      rows: (rows) => this.#list.parcels(rows),
      giveBack: ({ text }) => this.#composer.giveBack(text),
      failed: () => this.#notLoaded(),
    });
    this.#files.limit = limits.file;
    this.#crowd = new Crowd(this.#client.people, {
      list: this.#list,
      panel: this.querySelector("people-panel")!,
      typing: this.#typing,
      button: this.querySelector("[data-open=people]")!,
      changed: (names) => this.#composer.names = names,
      found: () => this.#composer.offer(),
    });
    this.#composer.seekNames = (part) => this.#crowd.seek(part);
    this.#attention = new Attention(room, this.#settings);
    this.#reading = new Reading(this.#storage, this.#list, epoch);
    this.#incoming = new Incoming(room, {
      list: this.#list,
      crowd: this.#crowd,
      announcer: this.#announcer,
      attention: this.#attention,
      reading: this.#reading,
    }, () => this.#viewer);
    this.#conversation = new Conversation({
      client: this.#client,
      storage: this.#storage,
      list: this.#list,
      composer: this.#composer,
      announcer: this.#announcer,
      viewer: () => this.#viewer,
      circumstances: () => ({
        features: this.#features,
        editFor: this.#limits.edit_for,
        limit: this.#limits.text,
      }),
      enter: () => this.#controls.write(),
      tell: (text) => this.#tell(text),
    });
    this.#conversation.listen();
    const storage = this.#storage;
    this.#list.open(entries, { first, last, quoted, room, viewer: this.#viewer });
    this.#composer.open(room, { locale, limit: limits.text, storage });
    this.#composer.features = features;
    const own = entries.findLast(({ from }) => from === this.#name.value);
    this.#composer.lastText = own ? asTyped(own.text) : "";
    this.#announcer.locale = locale;
    this.#crowd.show(this.#viewer);
    this.#crowd.spoke(entries.map(({ from }) => from));
    this.#showOutgoing();
    if (reads) this.#name.showReadOnly(locale);
    else this.#name.ask(locale);
    this.#listen();
    this.#files.open(locale);
    openPictures(this.#list, () => this.#locale);
    this.#reading.begin(entries, this.#name.value);
    dress(this.#settings);
    // With a real keyboard one writes at once; a phone's would cover the messages.
    const hasKeyboard = matchMedia("(hover: hover) and (pointer: fine)").matches;
    if (hasKeyboard && features.write) this.#controls.write();
    watchNetwork(this.#client);
    leaveKeyboardSpace();
    this.#follow();
    this.#pager.toHash();
  }

  get #viewer(): Viewer {
    return { locale: this.#locale, self: this.#name.value, operator: this.#house.operator };
  }

  async #follow(): Promise<void> {
    try {
      for await (const events of this.#client.batches()) {
        try {
          this.#heard(events);
        } catch (error) {
          reportError(error); // a fault in showing one batch must not end all that follow
        }
      }
    } catch (error) {
      // The client does not try again; the chip offers to load the page anew.
      if (!(error instanceof TurnedAway)) throw error;
      if (error.measure) {
        this.#copy.end();
        return this.querySelector("banned-notice")!.show(error.measure, this.#locale);
      }
      if (error.code === "unauthorized") return this.#lock();
      this.#tell(error.cause instanceof Refusal ? this.#reason(error.cause) : error.message);
    }
  }

  /** Nothing can be read any more without the password: what was read is not shown any more either. */
  #lock(): void {
    this.#copy.end();
    this.#list.open([], { first: 1, last: 0, room: "", viewer: this.#viewer });
    this.#askPassword("read");
  }

  #heard(events: readonly ClientEvent[]): void {
    const entries: (Message | Change)[] = [];
    for (const event of events) {
      if (event.type !== "connection" && isEntry(event)) this.#copy.heard(event);
      if (event.type === "message") entries.push(event);
      else if (isChange(event)) {
        entries.push(event);
        this.#pager.heard(event);
        this.#composer.heard(event);
      } else {
        this.#incoming.add(entries.splice(0));
        if (event.type === "connection") this.#connectionChanged(event.state);
        else {
          if (isEntry(event)) this.#list.pass(event.seq);
          else this.#noticed(event);
          this.#house.heard(event);
        }
      }
    }
    this.#incoming.add(entries);
  }

  #noticed(event: RoomEvent): void {
    if (event.type === "welcome") {
      this.#limits = event.limits;
      this.#files.limit = event.limits.file;
      this.#copy.found(event);
      this.#named(event.name, true);
    } else if (event.type === "rename" && event.from === this.#name.value) this.#named(event.name);
    else if (event.type === "reset") {
      this.#copy.restart(event);
      this.#incoming.restart(event);
    } else if (event.type === "error" && event.measure?.type === "kick") {
      this.#tell(measureWords(event.measure, this.#locale));
    } // The client only reads from here on: it could not come in under the name.
    else if (event.type === "error" && this.#client.name === undefined && this.#name.value) {
      const wished = this.#name.forget();
      this.#show();
      this.#name.ask(this.#locale, wished, this.#reason(new Refusal(event.code, event.message)));
    }
    this.#crowd.heard(event);
  }

  #connectionChanged(state: ConnectionState): void {
    this.#chip.show(state, this.#locale, this.#client.name === undefined);
    this.#announcer.connection(state);
    this.#showOutgoing();
    if (state.type === "connected") this.#files.resume();
    else this.#typing.clear();
  }

  #listen(): void {
    listen(this, "chat-send", (typed) => {
      this.#perform(typed).catch(() => {
        this.#notLoaded();
        this.#composer.giveBack(typed);
      });
    });
    listen(this, "chat-typing", () => this.#client.typing());
    listen(this, "chat-name", (name) => this.#takeName(name));
    listen(this, "chat-retry", (id) => {
      this.#files.retry(id);
      this.#client.retry(id);
    });
    listen(this, "chat-discard", (id) => {
      if (!this.#files.discard(id)) this.#client.discard(id);
    });
    listen(this, "chat-rename", async (name) => {
      const refused = await this.#rename(name);
      this.#controls.show("settings-panel", (panel) => panel.renamed(refused));
    });
    listen(this, "chat-reconnect", () => {
      if (this.#client.state.type === "closed") location.reload();
      else this.#client.reconnect();
    });
    listen(this, "chat-mention", (name) => this.#composer.mention(name));
    listen(this, "chat-older", (seq) => this.#pager.older(seq));
    listen(this, "chat-newer", (seq) => this.#pager.newer(seq));
    listen(this, "chat-latest", () => this.#pager.latest());
    listen(this, "chat-go", (seq) => this.#pager.go(seq));
    listen(this, "chat-day", (time) => this.#pager.day(time));
    listen(this, "chat-unread", (seq) => this.#pager.afterUnread(seq));
    listen(this, "chat-quote", (seq) => this.#pager.quote(seq));
    listen(this, "chat-seen", (seq) => this.#reading.upTo(seq));
    listen(this, "chat-operator", (token) => this.#becomeOperator(token));
    listen(this, "chat-order", (fields) => this.#order(fields));
    this.addEventListener("click", ({ target }) => {
      const name = (target as Element).closest<HTMLElement>("[data-moderate]")?.dataset.moderate;
      if (name === undefined) return;
      this.#controls.show("measure-sheet", (sheet) => sheet.open(name, this.#locale));
    });
    listen(this, "chat-signed-out", async () => {
      this.#name.forget();
      await Promise.all([this.#copy.end(), this.#files.end()]);
      location.reload();
    });
    listen(this, "chat-unlock", () => this.#askPassword("write"));
    listen(this, "chat-settings", (settings) => this.#configure(settings));
    document.addEventListener("visibilitychange", () => this.#visibilityChanged());
    addEventListener("hashchange", () => this.#pager.toHash());
    setInterval(() => this.#checkDay(), NEW_DAY_MS);
    setTimeout(() => loadDialogs().catch(() => {}), AHEAD_MS); // best effort: they are when opened
  }

  #askPassword(purpose: Purpose): void {
    this.#controls.show("password-dialog", (dialog) => dialog.open(this.#locale, purpose));
  }

  async #perform(typed: string): Promise<void> {
    if (!typed.startsWith("/")) return this.#say(typed);
    const { perform } = await import("../later.ts");
    const stage = {
      people: this.#client.people,
      lately: this.#crowd.lately,
      locale: this.#locale,
      features: this.#features,
      topic: this.#house.topic,
      operator: this.#house.operator,
    };
    perform(typed, stage, {
      post: (text) => this.#say(text),
      rename: (name) => this.#takeName(name),
      search: (words) => this.#controls.search(words),
      order: (fields) => this.#order(fields),
      about: (command) =>
        this.#conversation.perform(command).catch((refusal) => this.#tell(this.#reason(refusal))),
      note: (content) => this.#tell(content),
    });
  }

  #say(text: string): void {
    const { hasFiles } = this.#files;
    try {
      if (text !== "" || !hasFiles) parseText(text);
    } catch (refusal) {
      return this.#tell(this.#reason(refusal));
    }
    this.#list.markUnread(undefined);
    const { re } = answeredBy(this.#composer);
    // What becomes of it is shown by `onOutgoing`, or by the row of its files.
    if (hasFiles) this.#files.send({ text, re });
    else this.#client.say(text, { re }).catch(() => {});
    this.#house.spoke();
    this.#list.toEnd();
  }

  /** An answer to what was just done, where it is seen. */
  #tell(content: Node | string): void {
    this.#list.note(content);
    this.#list.toEnd();
    this.#announcer.say(typeof content === "string" ? content : content.textContent ?? "");
  }

  /** A part of the page that was wanted: the server is not reached. */
  #notLoaded(): void {
    this.#tell(this.#locale.say("error_network"));
  }

  /** Everybody is told of most of it, the viewer too; the rest is an answer to the viewer alone. */
  async #order(fields: OrderFields): Promise<void> {
    try {
      const answer = await this.#client.order(fields);
      if (["bans", "undo", "ban"].includes(fields.type)) this.#tell(answer);
    } catch (error) {
      // What is refused to an operator has its reason in the server's words.
      this.#tell(error instanceof Refusal ? error.message : this.#reason(error));
    }
  }

  /** Begins anew as the operator: the cookie is that one's then. */
  async #becomeOperator(token: string): Promise<void> {
    try {
      this.#name.set(await adoptToken(token));
      location.reload();
    } catch (error) {
      this.#tell(this.#reason(error));
    }
  }

  /** Comes in under the name, or changes to it. */
  async #takeName(wished: string): Promise<void> {
    const entering = this.#name.value === undefined;
    const refused = await this.#rename(wished);
    if (refused !== undefined) {
      return entering ? this.#nameForm.complain(refused) : this.#tell(refused);
    }
    if (!entering) return;
    this.#name.ask(this.#locale);
    this.#composer.focus();
  }

  /** Yields why it could not be. */
  async #rename(wished: string): Promise<string | undefined> {
    try {
      if (this.#name.value === undefined) await this.#client.enter(wished);
      else await this.#client.rename(wished);
    } catch (error) {
      return this.#reason(error);
    }
    this.#named(this.#client.name ?? wished);
    return undefined;
  }

  /** `tell`: nobody asked for the change. */
  #named(name: string, tell = false): void {
    if (!this.#name.set(name)) return;
    this.#show();
    if (tell) this.#list.note(this.#locale.say("youAre", { name }), "you-are");
  }

  #configure(settings: Settings): void {
    const { language } = this.#settings;
    this.#settings = settings;
    this.#attention.configure(settings);
    this.#storage.setItem(SETTINGS_KEY, JSON.stringify(settings));
    // Another language changes every text: what was written and what waits to be sent is kept.
    if (settings.language !== language) return location.reload();
    this.#list.restyle(() => dress(settings));
    this.#locale = this.#locale.with(settings, navigator.languages);
    this.#show();
  }

  /** Shows everything anew: the viewer is another, or has another locale. */
  #show(): void {
    this.#announcer.locale = this.#locale;
    this.#list.show(this.#viewer);
    this.#crowd.show(this.#viewer);
    this.#showOutgoing();
    this.#files.show(this.#viewer);
  }

  #showOutgoing(): void {
    this.#list.outgoing(this.#client.outgoing, this.#client.state.type === "connected");
  }

  #visibilityChanged(): void {
    if (document.hidden) return this.#reading.pause();
    this.#attention.clear();
    this.#checkDay();
    this.#reading.resume();
  }

  /** "Today" is said of another day after midnight. */
  #checkDay(): void {
    const now = Date.now();
    if (document.hidden || this.#locale.sameDay(this.#today, now)) return;
    this.#today = now;
    this.#show();
  }

  /** What to say about an error: a refusal of the server, or that it was not reached. */
  #reason(error: unknown): string {
    if (error instanceof Refusal) return this.#locale.reason(error.code) ?? error.message;
    if (!(error instanceof NotConnected)) console.error(error);
    return this.#locale.say("error_network");
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "chat-room": ChatRoom;
  }
}
