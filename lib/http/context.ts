import type { Assets } from "../page/assets.ts";
import type { FrontPage } from "../page/front_page.ts";
import type { Compress } from "../page/representation.ts";
import type { Encoders } from "../wire/encodings.ts";
import type { Room } from "../room/room.ts";
import type { Sessions } from "../room/sessions.ts";
import type { Watchdog } from "../transports/pump/watchdog.ts";

/** What every transport is given: made once by the composition (server.ts), never changed. */
export interface Context {
  readonly room: Room;
  readonly sessions: Sessions;
  readonly encode: Encoders;
  readonly assets: Assets;
  readonly frontPage: FrontPage;
  /** What the assets are compressed with. */
  readonly compress: Compress;
  readonly watchdog: Watchdog;
  /** Besides the loopback names and the address bound to: host names under which we are reached. */
  readonly hosts: readonly string[];
  /** Aborted when the time to drain is over: what is still open is dropped. */
  readonly signal: AbortSignal;
}
