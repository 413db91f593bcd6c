import { emit } from "../base/page_events.ts";

/** A part of the log that a list has not loaded. */
export type Part = "older" | "newer" | "latest";

/** What a list lacks and asks its parents for: one part at a time. */
export class Wanted {
  readonly #list: EventTarget;
  #asked: Part | undefined;
  #failed: Part | undefined;

  constructor(list: EventTarget) {
    this.#list = list;
  }

  /** What could not be had, until something else can. */
  get failed(): Part | undefined {
    return this.#failed;
  }

  /** What is next to the message `seq`. */
  ask(what: Part, seq = 0): void {
    const busy = this.#asked !== undefined && what !== "latest";
    // Whoever stands at the beginning would ask with each move: there is a button for that.
    if (busy || (what === "older" && this.#failed === "older")) return;
    this.#asked = what;
    if (what === "latest") emit(this.#list, "chat-latest");
    else emit(this.#list, `chat-${what}`, seq);
  }

  /** What was asked for has come. */
  came(): void {
    this.#asked = undefined;
    this.#failed = undefined;
  }

  /** It has not, and nor has what nobody asked for but was to be shown. */
  fail(): void {
    this.#failed = this.#asked ?? "latest";
    this.#asked = undefined;
  }

  /** It may be asked for again. */
  forgive(): void {
    this.#failed = undefined;
  }
}
