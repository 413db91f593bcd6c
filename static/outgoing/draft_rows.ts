import type { OutgoingMessage } from "../../lib/client/mod.ts";
import type { ChatMessage } from "../messages/chat_message.ts";
import { createDraft, waitingText } from "./draft_message.ts";
import type { Timer } from "../base/dom.ts";
import { emit } from "../base/page_events.ts";
import type { Quoted } from "../../lib/view/quote_view.ts";
import type { Viewer } from "../../lib/view/message_view.ts";

/** How often it is written anew how long a message still waits. */
const COUNTDOWN_MS = 500;

/** The messages that are not in the log yet. Dispatches `chat-retry` and `chat-discard`. */
export class DraftRows {
  readonly #element: HTMLElement;
  #drafts: readonly ChatMessage[] = [];
  #parcels: readonly ChatMessage[] = [];
  #counting: Timer;

  constructor(element: HTMLElement) {
    this.#element = element;
    element.addEventListener("click", ({ target }) => {
      const { retry, discard } = (target as Element).closest("button")?.dataset ?? {};
      if (retry) emit(element, "chat-retry", retry);
      else if (discard) emit(element, "chat-discard", discard);
    });
  }

  get isEmpty(): boolean {
    return this.#messages.length === 0;
  }

  /** `quoted` tells of the message that one of them answers. */
  show(
    drafts: readonly OutgoingMessage[],
    connected: boolean,
    viewer: Viewer,
    quoted: (seq: number) => Quoted | undefined,
  ): void {
    this.#drafts = drafts.map((draft) => {
      const answered = draft.re === undefined ? undefined : quoted(Number(draft.re));
      return createDraft(draft, connected, viewer, answered);
    });
    this.#replace();
    clearInterval(this.#counting);
    if (connected && drafts.some(({ until }) => until !== undefined)) {
      this.#counting = setInterval(() => this.#countDown(drafts, viewer), COUNTDOWN_MS);
    }
  }

  /** Shows the messages below that wait for their files. False where these are shown already. */
  parcels(rows: readonly ChatMessage[]): boolean {
    if (rows.length === this.#parcels.length && rows.every((row, i) => row === this.#parcels[i])) {
      return false;
    }
    this.#parcels = rows;
    this.#replace();
    return true;
  }

  get #messages(): readonly ChatMessage[] {
    return [...this.#drafts, ...this.#parcels];
  }

  #replace(): void {
    const focused = this.#element.querySelector<HTMLElement>(":focus")?.dataset;
    this.#element.replaceChildren(...this.#messages);
    if (focused) this.#focus(focused);
  }

  /** Of the drafts that are shown, while connected. It ends with the next change of them. */
  #countDown(drafts: readonly OutgoingMessage[], { locale }: Viewer): void {
    for (const [i, draft] of drafts.entries()) {
      if (draft.state !== "waiting") continue;
      const line = this.#drafts[i]!.querySelector(".status");
      if (line) line.textContent = waitingText(draft, true, locale);
    }
  }

  /** On the same button as before, otherwise on the scroller, whose keys move through the messages. */
  #focus({ retry, discard }: DOMStringMap): void {
    const button = [...this.#element.querySelectorAll("button")].find(({ dataset }) =>
      dataset.retry === retry && dataset.discard === discard
    );
    (button ?? this.#element.closest<HTMLElement>(".scroller"))?.focus({ preventScroll: true });
  }

  /** Adapts them to `before`, the last message above; `adjacent`: nothing stands between. */
  follow(before: ChatMessage | undefined, viewer: Viewer, adjacent: boolean): void {
    const messages = this.#messages;
    for (const [i, message] of messages.entries()) {
      if (i === 0) message.follow(before, viewer, adjacent);
      else message.follow(messages[i - 1], viewer);
    }
  }
}
