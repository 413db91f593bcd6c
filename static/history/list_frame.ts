import { h } from "../base/dom.ts";
import type { Locale } from "../../lib/view/locale.ts";
import type { Part } from "./wanted.ts";

/** What the frame shows. */
export interface Surroundings {
  readonly locale: Locale;
  readonly room: string;
  /** The seq of the oldest message that is loaded, and of the oldest that the server keeps. */
  readonly loaded: number | undefined;
  readonly kept: number;
  /** Whether all that is kept above is loaded. */
  readonly whole: boolean;
  /** The part of the log that could not be loaded. */
  readonly failed: Part | undefined;
  /** Whether messages wait to be sent. */
  readonly drafts: boolean;
  /** Whether the end is out of sight. */
  readonly away: boolean;
  /** How many new messages came below what is in sight. */
  readonly below: number;
  /** How many unread messages there are, where the first of them is above what is in sight. */
  readonly above: number;
}

/** What a click on one of its buttons does. */
export interface Ways {
  toEnd(): void;
  toUnread(): void;
  again(): void;
}

/** The line above the messages, and the buttons over them: to the end, and to the unread line. */
export class ListFrame {
  readonly #start: HTMLElement;
  readonly #down: HTMLButtonElement;
  readonly #up: HTMLButtonElement;
  readonly #again: HTMLButtonElement;
  #shown = "";

  constructor(list: HTMLElement, ways: Ways) {
    this.#start = list.querySelector<HTMLElement>(".start")!;
    this.#down = list.querySelector<HTMLButtonElement>(".latest")!;
    this.#up = h("button", { class: "unseen", type: "button", hidden: true });
    this.#again = h("button", { type: "button", click: () => ways.again() });
    this.#down.addEventListener("click", () => ways.toEnd());
    this.#up.addEventListener("click", () => ways.toUnread());
    list.append(this.#up);
  }

  /** Called with each message and each scroll, and so changes the document only where it must. */
  show(around: Surroundings): void {
    const { locale, loaded, failed, away, below, above } = around;
    const start = startText(around);
    if (start !== this.#shown) {
      this.#shown = start;
      const [first = "", ...rest] = start.split("\n");
      this.#start.replaceChildren(
        ...(rest.length > 0 ? [h("strong", {}, first), ...rest] : [first]),
      );
      this.#again.textContent = locale.say("again");
      if (failed === "older") this.#start.append(" ", this.#again);
      this.#start.classList.toggle("empty", loaded === undefined);
    }
    write(this.#down, downText(around));
    this.#down.hidden = !away && below === 0 && !isBelow(failed);
    this.#down.classList.toggle("new", below > 0);
    write(this.#up, locale.say("newMessages", { n: above }));
    this.#up.hidden = above === 0;
  }
}

/** Of two lines the first is a heading. */
function startText({ locale, room, loaded, kept, whole, failed, drafts }: Surroundings): string {
  if (failed === "older") return locale.say("loadFailed");
  if (loaded === undefined) {
    return drafts ? "" : `${locale.say("empty")}\n${locale.say("emptyHint")}`;
  }
  if (!whole) return locale.say("loading");
  return kept > 1 ? locale.say("notKept") : locale.say("beginning", { room });
}

function downText({ locale, failed, below }: Surroundings): string {
  if (isBelow(failed)) return locale.say("loadFailed");
  return below > 0 ? locale.say("newMessages", { n: below }) : locale.say("latest");
}

function isBelow(failed: Part | undefined): boolean {
  return failed === "newer" || failed === "latest";
}

function write(element: HTMLElement, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}
