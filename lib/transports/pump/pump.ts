import { type Batch, errorEvent } from "../../model/events.ts";
import { Refusal } from "../../model/refusal.ts";
import type { Dismissal } from "../../room/identity/visits.ts";
import type { Visit } from "../../room/visit.ts";
import type { Stay } from "./stay.ts";
import type { Watchdog } from "./watchdog.ts";
import type { Writer } from "./writer.ts";

/** What is under way to a peer that is sent away may take so long, and is dropped then. */
const LAST_WORD_MS = 2000;

/**
 * How it ended: `ended`, by either side, in order; `stalled`: the peer took nothing for a minute;
 * `failed`: the log could not be read, which the room's report was told; or why it was sent away.
 */
export type Outcome = "ended" | "stalled" | "failed" | Dismissal;

export interface Pumping<T extends string | Uint8Array> {
  readonly writer: Writer<T>;
  /** Asked for each batch; what it returns is written unless it is empty. */
  readonly encode: (batch: Batch) => T;
  readonly watchdog: Watchdog;
  /** Told when it begins, and how it ended. */
  readonly stay: Stay;
}

/**
 * The one loop of every streaming transport: what the visit's reader yields is encoded and written,
 * and the next batch is read when the writer is ready for more. A reader that waits for a slow peer is
 * a parked cursor. The watchdog gives up a peer that takes nothing.
 *
 * However it ends, the visit has left then. Resolves with how it ended, and never rejects; the caller
 * closes the connection. No promise is made for a batch whose writer is ready at once.
 */
export function pump<T extends string | Uint8Array>(
  visit: Visit,
  { writer, encode, watchdog, stay }: Pumping<T>,
): Promise<Outcome> {
  const { promise, resolve } = Promise.withResolvers<Outcome>();
  let stalled = false;
  const write = (batch: Batch): boolean | Promise<boolean> => {
    const data = encode(batch);
    return data.length === 0 || writer.write(data);
  };
  stay.came(visit.name);
  watchdog.watch(writer, () => {
    stalled = true;
    stay.cut("slow");
    writer.abort();
    visit.leave(); // which ends a reader that waits, too
  });
  let lastWord: Disposable | undefined;
  visit.onDismissed = () => {
    lastWord = visit.room.loop.after(LAST_WORD_MS, () => {
      writer.abort();
      visit.leave();
    });
  };
  visit.reader.deliver(write, (error) => {
    watchdog.forget(writer);
    lastWord?.[Symbol.dispose]();
    visit.leave();
    if (error !== undefined) stay.cut("failed");
    stay.left(visit.name);
    if (error === undefined) {
      return resolve(visit.dismissed ?? (stalled ? "stalled" : "ended"));
    }
    visit.room.report("cannot read on for a client", error);
    const told = write({ events: [errorEvent(Refusal.from(error))], seq: visit.reader.seq });
    Promise.resolve(told).catch(() => {}).then(() => resolve("failed"));
  });
  return promise;
}
