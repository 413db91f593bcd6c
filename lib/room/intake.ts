import type { EventLoop } from "../base/event_loop.ts";
import type { Log } from "../log/log.ts";
import type { Draft } from "../model/draft.ts";
import type { Receipt } from "../model/message.ts";
import { Refusal, unavailable } from "../model/refusal.ts";

/**
 * What one transaction, and so one frame, holds at most: a few milliseconds of disk, and no more than
 * a connection may have unsent, so that nobody waits long for another.
 */
const BATCH_DRAFTS = 512;
const BATCH_CHARACTERS = 64 * 1024;
/** Drafts that wait for the log; above it the intake says so instead of growing. */
const WAITING_DRAFTS = 16 * BATCH_DRAFTS;
/** What a client is asked to wait before it tries a log again that could not store. */
const UNAVAILABLE_S = 5;

interface WaitingDraft {
  readonly draft: Draft;
  resolve(receipt: Receipt): void;
  reject(why: Error): void;
}

export interface IntakeOptions {
  readonly loop: EventLoop;
  /** While it says so, drafts wait and become one larger batch. */
  readonly isHeld: () => boolean;
  readonly counts: { duplicates: number };
  /** Told once that the log cannot store, with why, and once that it can again. */
  readonly report: (what: string, error?: unknown) => void;
}

/** Where drafts wait for the log: what comes in during one turn of the event loop is one append. */
export class Intake {
  readonly #log: Log;
  readonly #options: IntakeOptions;
  #waiting: WaitingDraft[] = [];
  /** Appends that go on. */
  #appending = 0;
  /** Another one begins when this turn is over. */
  #scheduled = false;
  /** Since an append was in vain: said once, and once more when it is over. */
  #failing = false;

  constructor(log: Log, options: IntakeOptions) {
    this.#log = log;
    this.#options = options;
  }

  /** Resolves when the draft is stored durably. Rejects with a Refusal, `unavailable`. */
  store(draft: Draft): Promise<Receipt> {
    if (this.#waiting.length >= WAITING_DRAFTS) {
      return Promise.reject(unavailable("more messages are waiting than can be stored", 1));
    }
    return new Promise((resolve, reject) => {
      this.#waiting.push({ draft, resolve, reject });
      this.#appendSoon();
    });
  }

  /** Resolves when nothing waits any more. */
  async drain(): Promise<void> {
    while (this.#waiting.length > 0 || this.#appending > 0) {
      await new Promise<void>((resolve) => this.#options.loop.soon(resolve));
    }
  }

  #appendSoon(): void {
    if (this.#scheduled || this.#appending >= this.#log.appendsAtOnce) return;
    this.#scheduled = true;
    this.#options.loop.soon(() => {
      this.#scheduled = false;
      this.#append();
    }, "storing messages");
  }

  async #append(): Promise<void> {
    const { isHeld, report, counts } = this.#options;
    if (isHeld()) return this.#appendSoon();
    const batch = this.#waiting.splice(0, this.#batchSize());
    if (batch.length === 0) return;
    this.#appending++;
    if (this.#waiting.length > 0) this.#appendSoon();
    try {
      const outcomes = await this.#log.append(batch.map(({ draft }) => draft));
      if (this.#failing) report("messages are stored again");
      this.#failing = false;
      for (let i = 0; i < batch.length; i++) {
        const outcome = outcomes[i]!;
        if (outcome instanceof Refusal) {
          batch[i]!.reject(outcome);
          continue;
        }
        if (outcome.duplicate) counts.duplicates++;
        batch[i]!.resolve(outcome);
      }
    } catch (error) {
      const isRefusal = error instanceof Refusal;
      // What broke the log for good, or keeps it for a while, is reported already.
      if (!this.#failing && !this.#log.broken && !isRefusal) {
        report("cannot store messages", error);
        this.#failing = true;
      }
      const why = isRefusal
        ? error
        : unavailable("messages cannot be stored at the moment", UNAVAILABLE_S, error);
      for (const { reject } of batch) reject(why);
    } finally {
      this.#appending--;
      if (this.#waiting.length > 0) this.#appendSoon();
    }
  }

  #batchSize(): number {
    let characters = 0;
    let size = 0;
    for (const { draft } of this.#waiting) {
      characters += "text" in draft ? draft.text.length : 0;
      if (size > 0 && (size === BATCH_DRAFTS || characters > BATCH_CHARACTERS)) break;
      size++;
    }
    return size;
  }
}
