import { commandsOf } from "../../lib/wire/commands.ts";
import { begunMention, complete } from "./completion.ts";
import { ComposerNote } from "./composer_note.ts";
import { TypedEmoji } from "../emoji/typed_emoji.ts";
import { isSend, isTouched } from "../base/dom.ts";
import { emit } from "../base/page_events.ts";
import type { Change, Message } from "../../lib/model/message.ts";
import { ReplyBar } from "../replies/reply_bar.ts";
import { SuggestionList } from "./suggestion_list.ts";
import { TextField, type TextFieldOptions } from "./text_field.ts";

/** The form in which messages are written. Dispatches `chat-send` and `chat-typing`. */
export class MessageComposer extends HTMLElement {
  /** The names that @ completes. */
  names: readonly string[] = [];
  /** Told what of a name has been typed after an @, to look for more `names`; then `offer`. */
  seekNames = (_part: string): void => {};
  /** The commands that a slash completes. */
  commands = commandsOf("page", false);
  /** The text that Up brings back. */
  lastText = "";
  #hasFiles = false;
  /** Begins to edit the viewer's last message; false where there is none that can be edited. */
  editLast = (): boolean => false;
  /** What Escape cleared; Up brings that back first. */
  #cleared = "";
  readonly #form = this.querySelector("form")!;
  readonly #textarea = this.querySelector("textarea")!;
  readonly #send = this.querySelector<HTMLButtonElement>(".send")!;
  readonly #note = new ComposerNote(() => this.#update());
  readonly #reply = new ReplyBar(() => {
    this.answer(undefined);
    this.focus();
  });
  readonly #field = new TextField(this.#textarea, () => this.#update());
  readonly #emoji = new TypedEmoji(() => this.offer());
  readonly #suggestions = new SuggestionList(this.#textarea, (insert, start) => {
    this.#field.insert(insert, start);
  });

  connectedCallback(): void {
    this.#textarea.removeAttribute("required");
    // The browser would cut a long text without a word; the counter tells.
    this.#textarea.removeAttribute("maxlength");
    this.#textarea.setAttribute("aria-describedby", "composer-note");
    this.prepend(this.#note.element);
    this.#form.before(this.#reply.element);
    this.#textarea.addEventListener("input", () => this.#typed());
    this.#textarea.addEventListener("keydown", (event) => this.#key(event));
    this.#textarea.addEventListener("click", () => this.#suggest());
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#submit();
    });
  }

  /** To be called once, before anything is typed. */
  open(room: string, options: TextFieldOptions): void {
    const { locale } = options;
    this.#textarea.ariaLabel = locale.say("message");
    this.#textarea.placeholder = locale.say("messageTo", { room });
    this.#textarea.enterKeyHint = isTouched() ? "enter" : "send";
    this.#send.ariaLabel = this.#send.title = locale.say("send");
    this.#suggestions.locale = this.#reply.locale = locale;
    this.#emoji.language = locale.language;
    this.#note.countdown = (n) => locale.say("slowWait", { n });
    this.#field.open(options);
  }

  /** Adds a mention where the caret is. */
  mention(name: string): void {
    this.#textarea.focus();
    const start = this.#textarea.selectionStart;
    const space = start > 0 && !/\s/.test(this.#field.text[start - 1]!) ? " " : "";
    this.#field.insert(`${space}@${name} `, start);
    this.#typed();
  }

  /** There may be more to suggest for what has been typed. */
  offer(): void {
    if (document.activeElement === this.#textarea) this.#suggest();
  }

  /** What is written next answers the message; undefined: none. */
  answer(message: Message | undefined): void {
    this.#reply.show(message);
    this.#textarea.setAttribute(
      "aria-describedby",
      message ? "answered composer-note" : "composer-note",
    );
  }

  /** A change has come through the log, perhaps of the message that is answered. */
  heard(change: Change): void {
    this.#reply.change(change);
  }

  /** The seq of the message that is answered. */
  get answered(): number | undefined {
    return this.#reply.answered;
  }

  /** Nothing can be written, for the reason given; undefined: it can again. Ends by itself at `until`. */
  mute(words: string | undefined, until?: number): void {
    this.#note.mute(words, until);
  }

  /** What is written can be sent from then on, in milliseconds since 1970; undefined: at once. */
  waitUntil(until: number | undefined): void {
    this.#note.waitUntil(until);
  }

  /** Whether files were chosen, which can be sent without a text. */
  get hasFiles(): boolean {
    return this.#hasFiles;
  }

  set hasFiles(has: boolean) {
    this.#hasFiles = has;
    this.#update();
  }

  /** Puts the text into the field, where that is empty. */
  giveBack(text: string): void {
    if (this.#field.isBlank) this.#set(text);
    this.focus();
  }

  override focus(): void {
    this.#textarea.focus();
  }

  #update(): void {
    this.#textarea.disabled = this.#note.isMuted;
    this.#send.disabled = !this.#canSend;
  }

  get #canSend(): boolean {
    const { isBlank, over, text } = this.#field;
    // Who has to wait to say something can still use a command.
    return (!isBlank || this.#hasFiles) && over <= 0 &&
      (!this.#note.isWaiting || text.startsWith("/"));
  }

  #submit(): void {
    if (!this.#canSend) return;
    const typed = this.#field.text.trimEnd();
    // The text stays where it is until its emoji are known, so that nothing can overtake it.
    if (this.#emoji.mustLoad(typed)) return void this.#emoji.load().then(() => this.#submit());
    const text = this.#emoji.replace(typed);
    this.lastText = text || this.lastText;
    this.#cleared = "";
    this.#set("");
    this.#textarea.focus();
    emit(this, "chat-send", text);
  }

  #set(text: string): void {
    this.#suggestions.show(undefined);
    this.#field.text = text;
  }

  #typed(): void {
    this.#closeCode();
    this.#suggest();
    const { text, caret } = this.#field;
    const part = caret === undefined ? undefined : begunMention(text, caret);
    if (part !== undefined) this.seekNames(part);
    if (this.#field.text === "") return;
    this.#cleared = "";
    emit(this, "chat-typing");
  }

  #suggest(): void {
    const { text, caret } = this.#field;
    const { names, commands } = this;
    this.#suggestions.show(
      caret === undefined
        ? undefined
        : complete(text, caret, names, commands) ?? this.#emoji.complete(text, caret),
    );
  }

  /** `:smile:` becomes its emoji with its second colon. */
  #closeCode(): void {
    const { text, caret } = this.#field;
    const closed = caret === undefined ? undefined : this.#emoji.closed(text, caret);
    if (closed) this.#field.insert(closed.emoji, closed.start);
  }

  #key(event: KeyboardEvent): void {
    // The keys of an input method that composes are not for us; Safari marks them only by 229.
    if (event.isComposing || event.keyCode === 229) return;
    if (this.#suggestions.press(event)) return event.preventDefault();
    const { text } = this.#field;
    // With Ctrl it leads to the messages.
    const isUp = event.key === "ArrowUp" && text === "" && !event.ctrlKey && !event.metaKey;
    if (isSend(event)) this.#submit();
    else if (isUp && this.#cleared !== "") {
      this.#field.insert(this.#cleared, 0);
    } else if (isUp && this.editLast()) {
      // The editor has the focus now.
    } else if (isUp && this.lastText !== "") {
      this.#set(this.lastText);
    } else if (event.key === "Escape" && this.answered !== undefined) this.answer(undefined);
    else if (event.key === "Escape" && text !== "") {
      this.#field.clear();
      this.#cleared = text;
    } else return;
    event.preventDefault();
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "message-composer": MessageComposer;
  }
}
