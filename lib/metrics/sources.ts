import type { Distribution } from "../base/observe/histogram.ts";
import type { FileCounts } from "../files/mod.ts";
import type { LimitCounts } from "../limits/mod.ts";
import type { RoomCounts } from "../room/counts.ts";

/** Where the figures are read, each time that they are asked for. All durations are milliseconds. */
export interface Sources {
  readonly version: string;
  readonly room: {
    readonly counts: RoomCounts;
    /** Entries that readers have been given. */
    readonly delivered: number;
    /** How many entries each reader lacks, the least first. */
    readonly lags: readonly number[];
    readonly people: { readonly countHere: number };
    readonly log: { readonly first: number; readonly last: number };
  };
  readonly limits: LimitCounts;
  readonly files: {
    /** How many there are, and what they take of their space. */
    readonly count: number;
    readonly bytes: number;
    readonly counts: FileCounts;
  };
  /** Why the server ended connections. */
  readonly cuts: Readonly<Record<string, number>>;
  /** Bytes that clients have not taken. */
  buffered(): number;
  commits(): Distribution;
  syncs(): Distribution;
  loopDelay(): Distribution;
  /** Where the room is one of several nodes'. */
  readonly nats: { readonly connected: boolean; readonly losses: number } | undefined;
  /** What the operator was told: faults, and what is worth a look. */
  readonly reports: { readonly error: number; readonly warning: number };
}

/** All figures as they are now, as text. */
export interface Figures {
  readonly contentType: string;
  text(): Promise<string>;
}
