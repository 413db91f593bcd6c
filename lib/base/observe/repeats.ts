import type { Clock } from "../clock.ts";

/** How long what happens again is counted instead of told. */
const QUIET_MS = 60_000;
/** Above this many things at a time they are counted together. */
const KINDS_AT_MOST = 1000;
const OTHERS = "";

/** `more` is 0 when it happens first, and then how often it has happened again. */
type Tell = (more: number) => void;

interface Known {
  /** How often since it was told last. */
  more: number;
  readonly tell: Tell;
}

/**
 * Tells of each thing that happens over and over once a minute at most: at first that it happens, and
 * a minute later how often it has happened since, for as long as it does. Noting costs a look-up, so
 * that a flood can be noted.
 */
export class Repeats implements Disposable {
  readonly #clock: Clock;
  readonly #known = new Map<string, Known>();
  readonly #others: Tell;
  #timer: Disposable | undefined;

  /** `others`: for what is beyond a thousand things at a time. */
  constructor(clock: Clock, others: Tell) {
    this.#clock = clock;
    this.#others = others;
  }

  /** What has happened; `tell` is called now or later, if it was the first one of its kind. */
  note(what: string, tell: Tell): void {
    const known = this.#known.get(what);
    if (known) return void known.more++;
    if (this.#known.size >= KINDS_AT_MOST && what !== OTHERS) {
      return this.note(OTHERS, this.#others);
    }
    this.#known.set(what, { more: 0, tell });
    this.#timer ??= this.#clock.after(QUIET_MS, () => this.#look());
    tell(0);
  }

  /** Tells what has not been told yet. */
  [Symbol.dispose](): void {
    this.#timer?.[Symbol.dispose]();
    for (const { more, tell } of this.#known.values()) if (more > 0) tell(more);
    this.#known.clear();
  }

  #look(): void {
    for (const [what, known] of this.#known) {
      const { more, tell } = known;
      known.more = 0;
      if (more > 0) tell(more);
      else this.#known.delete(what);
    }
    const again = this.#known.size > 0;
    this.#timer = again ? this.#clock.after(QUIET_MS, () => this.#look()) : undefined;
  }
}
