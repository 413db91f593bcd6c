import { halves, resets } from "./arrivals.ts";
import { pages, searches } from "./asking.ts";
import { echoFlood, renames, sinceFlood, typingFlood } from "./floods.ts";
import type { Load } from "./load.ts";
import { readers } from "./readers.ts";

export interface LoadOptions {
  readonly streams: number;
  readonly sockets: number;
  readonly listeners: number;
  readonly resets: number;
  readonly halves: number;
}

/** What the room bears by itself: whoever takes much gets a share. */
export function fairLoads({ streams, sockets, resets: count, halves: halfSent }: LoadOptions) {
  return [
    readers("/stream", streams),
    readers("/ws", sockets),
    searches(8),
    pages(4),
    resets(count),
    ...halves(halfSent),
  ];
}

/** What the limits are for. */
export function floods({ listeners }: LoadOptions): readonly Load[] {
  return [typingFlood, echoFlood, sinceFlood, renames(listeners)];
}
