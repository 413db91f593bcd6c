import type { RoomEvent } from "../../lib/model/events.ts";

/** The ways to hear the room, best first. */
export type Via = "websocket" | "sse" | "poll";

export interface LineOptions {
  /** Where to go on: a cursor. */
  readonly since?: string | undefined;
  /** Who is coming; without a name the line only reads. */
  readonly name?: string | undefined;
  /**
   * Told what the server says, in order; none when all that came is a sign of life; the epoch where
   * no event tells it. Not called any more once the line is closed.
   */
  readonly heard: (events: readonly RoomEvent[], epoch?: string) => void;
}

/** One long connection, from its opening to its end. It does not come back by itself. */
export interface Line {
  readonly via: Via;
  /** Resolves when it is over, whoever ended it; never rejects. */
  readonly closed: Promise<void>;
  /** Resolves with the seq when the message is stored; rejects with an ApiError. */
  post(message: { id: string; text: string }): Promise<number>;
  /** Tells the others that somebody types, where the line carries both ways. */
  typing(): void;
  close(): void;
}

export type OpenLine = (options: LineOptions) => Line;

/** Where the server speaks that way, on from the cursor. */
export function addressOf(path: string, { since, name }: LineOptions): URL {
  const url = new URL(path, location.href);
  for (const [key, value] of Object.entries({ since, name })) {
    if (value !== undefined) url.searchParams.set(key, value);
  }
  return url;
}

/** One event a text. What is not JSON, or has no type, is from a later version, or broken: ignored. */
export function parseEvents(texts: readonly string[]): RoomEvent[] {
  return texts.flatMap((text) => {
    try {
      const value: unknown = JSON.parse(text);
      const known = typeof value === "object" && value !== null && "type" in value;
      return known ? [value as RoomEvent] : [];
    } catch {
      return [];
    }
  });
}
