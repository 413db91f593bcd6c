import { emit } from "../base/page_events.ts";

/** A part of the log that a list has not loaded. */
export type Part = "older" | "newer" | "latest";

/** The part of the log that a list waits for: one at a time. */
export class Wanted {
  readonly #list: EventTarget;
  #asked: Part | undefined;
  #failed: Part | undefined;

  constructor(list: EventTarget) {
    this.#list = list;
  }

  /** The part that could not be loaded, until another one can. */
  get failed(): Part | undefined {
    return this.#failed;
  }

  /** Asks for the messages next to `seq`, by an event of the list. */
  ask(what: Part, seq = 0): void {
    const busy = this.#asked !== undefined && what !== "latest";
    // At the beginning each scroll would ask again; there is a button instead.
    if (busy || (what === "older" && this.#failed === "older")) return;
    this.#asked = what;
    if (what === "latest") emit(this.#list, "chat-latest");
    else emit(this.#list, `chat-${what}`, seq);
  }

  /** What was asked for has been loaded. */
  came(): void {
    this.#asked = undefined;
    this.#failed = undefined;
  }

  /** What was asked for could not be loaded, nor could a message to be shown. */
  fail(): void {
    this.#failed = this.#asked ?? "latest";
    this.#asked = undefined;
  }

  /** It may be asked for again. */
  forgive(): void {
    this.#failed = undefined;
  }
}
