import type { Locale } from "../../lib/view/locale.ts";

/** At most so many names are listed; the rest is a number. */
const MOST = 5;

/** Joins and leaves since the last message, folded into one line without those that cancel out. */
export class Moves {
  #joined: string[] = [];
  #left: string[] = [];

  join(name: string): void {
    if (!take(this.#left, name)) this.#joined.push(name);
  }

  leave(name: string): void {
    if (!take(this.#joined, name)) this.#left.push(name);
  }

  /** Starts a new line. */
  clear(): void {
    this.#joined = [];
    this.#left = [];
  }

  /** Empty where all have cancelled out. */
  text(locale: Locale): string {
    const parts = [];
    if (this.#joined.length > 0) {
      parts.push(locale.say("joined", { names: locale.names(this.#joined, MOST) }));
    }
    if (this.#left.length > 0) {
      parts.push(locale.say("left", { names: locale.names(this.#left, MOST) }));
    }
    return parts.join(" · ");
  }
}

function take(names: string[], name: string): boolean {
  const i = names.indexOf(name);
  if (i >= 0) names.splice(i, 1);
  return i >= 0;
}
