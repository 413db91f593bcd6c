import { ALL_FEATURES } from "../../lib/model/features.ts";
import type { Locale } from "../../lib/view/locale.ts";
import { ComposerNote } from "./composer_note.ts";
import { isSend, isTouched } from "../base/dom.ts";
import { emit } from "../base/page_events.ts";
import type { Change, Message } from "../../lib/model/message.ts";
import { ReplyBar } from "../replies/reply_bar.ts";
import { TextField, type TextFieldOptions } from "./text_field.ts";
import type { TypingHelp } from "./typed.ts";

/** Looser than what is one: it decides only whether the help has to be there to know. */
const MAYBE_SHORTCODE = /:[\w+-]+:/;

/** The form in which messages are written. Dispatches `chat-send` and `chat-typing`. */
export class MessageComposer extends HTMLElement {
  /** The names that @ completes. */
  names: readonly string[] = [];
  /** Told what of a name has been typed after an @, to look for more `names`; then `offer`. */
  seekNames = (_part: string): void => {};
  /** What there is: a slash completes the commands of that. */
  features = ALL_FEATURES;
  /** Whether those of operators are among them. */
  operator = false;
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
  #locale!: Locale;
  /** Undefined until it is loaded. */
  #help: TypingHelp | undefined;
  #loading: Promise<void> | undefined;

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
    this.#locale = this.#reply.locale = locale;
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

  /** `helped`: the help was loaded, or cannot be had now. */
  #submit(helped = false): void {
    if (!this.#canSend) return;
    const typed = this.#field.text.trimEnd();
    const emoji = this.#help?.emoji;
    // The text stays where it is until its emoji are known, so that nothing can overtake it.
    if (!emoji && !helped && MAYBE_SHORTCODE.test(typed)) {
      return void this.#loadHelp().then(() => this.#submit(true));
    }
    if (emoji?.mustLoad(typed)) return void emoji.load().then(() => this.#submit());
    const text = emoji?.replace(typed) ?? typed;
    this.lastText = text || this.lastText;
    this.#cleared = "";
    this.#set("");
    this.#textarea.focus();
    emit(this, "chat-send", text);
  }

  #set(text: string): void {
    this.#help?.hide();
    this.#field.text = text;
  }

  #typed(): void {
    if (this.#help) this.#assist(this.#help);
    else this.#loadHelp();
    if (this.#field.text === "") return;
    this.#cleared = "";
    emit(this, "chat-typing");
  }

  /** With what has just been typed. */
  #assist(help: TypingHelp): void {
    this.#closeCode(help);
    this.#suggest();
    const { text, caret } = this.#field;
    const part = caret === undefined ? undefined : help.begunMention(text, caret);
    if (part !== undefined) this.seekNames(part);
  }

  #suggest(): void {
    const { text, caret } = this.#field;
    this.#help?.suggest(text, caret, this);
  }

  /** `:smile:` becomes its emoji with its second colon. */
  #closeCode({ emoji }: TypingHelp): void {
    const { text, caret } = this.#field;
    const closed = caret === undefined ? undefined : emoji.closed(text, caret);
    if (closed) this.#field.insert(closed.emoji, closed.start);
  }

  /** Resolves when it is there, or cannot be had now: then the next key tries again. */
  #loadHelp(): Promise<void> {
    return this.#loading ??= import("../later.ts").then(({ TypingHelp }) => {
      this.#help = new TypingHelp(this.#textarea, this.#locale, {
        take: (insert, start) => this.#field.insert(insert, start),
        more: () => this.offer(),
      });
      if (document.activeElement === this.#textarea) this.#assist(this.#help);
    }).catch(() => {
      this.#loading = undefined; // best effort: what is typed can be sent without
    });
  }

  #key(event: KeyboardEvent): void {
    // The keys of an input method that composes are not for us; Safari marks them only by 229.
    if (event.isComposing || event.keyCode === 229) return;
    if (this.#help?.press(event)) return event.preventDefault();
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
