import type { Clock } from "../../base/clock.ts";
import type { Notice, PresenceNotice } from "../../model/events.ts";
import { NAMES_AT_MOST } from "./roll.ts";

/** How often, folded, the count is told at most. */
const FOLD_MS = 1000;

/** Tells of comings and goings: each, as long as those who are here are few, else how many are here. */
export class Announcer implements Disposable {
  readonly #clock: Clock;
  readonly #announce: (notice: Notice) => void;
  readonly #snapshot: () => PresenceNotice;
  #folding: Disposable | undefined;

  constructor(
    clock: Clock,
    options: {
      readonly announce: (notice: Notice) => void;
      /** Who is here now. */
      readonly snapshot: () => PresenceNotice;
    },
  ) {
    this.#clock = clock;
    this.#announce = options.announce;
    this.#snapshot = options.snapshot;
  }

  say(notice: Notice & { readonly type: "join" | "leave" }): void {
    // The one who leaves was one of them: the last to leave a crowd is told with the names that remain.
    const most = notice.type === "leave" ? notice.count + 1 : notice.count;
    if (most <= NAMES_AT_MOST && !this.#folding) return this.#announce(notice);
    this.#folding ??= this.#clock.after(FOLD_MS, () => {
      this.#folding = undefined;
      this.#announce(this.#snapshot());
    });
  }

  [Symbol.dispose](): void {
    this.#folding?.[Symbol.dispose]();
  }
}
