import type { Access } from "../access/mod.ts";
import type { Limits } from "../limits/mod.ts";
import type { Registry } from "../registry/mod.ts";
import type { Door } from "../room/door.ts";
import type { Room } from "../room/room.ts";
import type { Sessions } from "../room/sessions.ts";
import type { SignIns } from "../room/identity/sign_ins.ts";
import type { Encodings } from "../wire/encodings.ts";
import type { Journal } from "./pump/stay.ts";
import type { Watchdog } from "./pump/watchdog.ts";

/** What every transport is given: made once by the composition, never changed. */
export interface Services {
  readonly room: Room;
  readonly registry: Registry;
  readonly sessions: Sessions;
  readonly signIns: SignIns;
  readonly door: Door;
  readonly access: Access;
  readonly encodings: Encodings;
  readonly watchdog: Watchdog;
  readonly journal: Journal;
  readonly limits: Limits;
  /** Aborted when the time to drain is over: what is still open is dropped. */
  readonly dropped: AbortSignal;
}
