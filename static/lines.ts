import type { Event } from "../lib/events.ts";
import { poll } from "./api.ts";

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
  readonly heard: (events: readonly Event[], epoch?: string) => void;
}

/** One long connection, from its opening to its end. It does not come back by itself. */
export interface Line {
  readonly via: Via;
  /** Resolves when it is over, whoever ended it; never rejects. */
  readonly closed: Promise<void>;
  /** Sends a frame and returns true, where the line carries both ways and is open. */
  send(frame: object): boolean;
  close(): void;
}

export function openWebSocket({ since, name, heard }: LineOptions): Line {
  const url = address("/ws", { since, name });
  url.protocol = url.protocol.replace("http", "ws");
  const socket = new WebSocket(url, "partyline.v1");
  const over = Promise.withResolvers<void>();
  let open = true;
  const end = () => {
    open = false;
    over.resolve();
  };
  socket.onmessage = ({ data }) => {
    if (open && typeof data === "string") heard(parseEvents(data.split("\n")));
  };
  socket.onclose = end;
  return {
    via: "websocket",
    closed: over.promise,
    send(frame) {
      if (!open || socket.readyState !== WebSocket.OPEN) return false;
      socket.send(JSON.stringify(frame));
      return true;
    },
    // The peer may be gone and never answer the close: for us it is over now.
    close() {
      socket.close();
      end();
    },
  };
}

/**
 * Server-Sent Events, read by fetch rather than EventSource: that one hides the server's heartbeat
 * comments, so a dead connection would look like a quiet room, and it comes back by its own clock.
 */
export function openEventStream({ since, name, heard }: LineOptions): Line {
  return abortable("sse", async (signal) => {
    const response = await fetch(address("/events", { since, name }), {
      signal,
      headers: { accept: "text/event-stream" },
    });
    if (!response.ok || !response.body) return;
    const text = response.body.pipeThrough(new TextDecoderStream());
    let rest = "";
    for await (const chunk of chunksOf(text)) {
      const lines = (rest + chunk).split("\n");
      rest = lines.pop()!;
      if (signal.aborted) return;
      heard(
        parseEvents(lines.filter((line) => line.startsWith("data: ")).map((line) => line.slice(6))),
      );
    }
  });
}

/** How long one poll may wait, in seconds: the server's default, which proxies let pass. */
const POLL_S = 25;
/** A poll that has not been answered this long after it should have been is lost. */
const POLL_SLACK_MS = 10_000;

/** Without a name the poll has no session, so it only reads: nobody sees it in the room. */
export function openPoll({ since, heard }: LineOptions): Line {
  return abortable("poll", async (signal) => {
    // The first turn does not wait, so that it is known at once whether this way is open.
    for (let wait = 0;; wait = POLL_S) {
      const late = AbortSignal.timeout(wait * 1000 + POLL_SLACK_MS);
      const turn = await poll({ ...(since && { since }), wait }, AbortSignal.any([signal, late]));
      if (signal.aborted) return;
      const [epoch, seq] = turn.cursor.split("-") as [string, string];
      since = turn.cursor;
      const live = { type: "live", seq: Number(seq) } as const;
      heard(turn.more ? turn.events : [...turn.events, live], epoch);
    }
  });
}

function abortable(via: Via, run: (signal: AbortSignal) => Promise<void>): Line {
  const aborter = new AbortController();
  // However it ends, that it ended is all there is to know: the next attempt tells more.
  const closed = run(aborter.signal).catch(() => {});
  return { via, closed, send: () => false, close: () => aborter.abort() };
}

/** Safari's streams cannot be iterated yet. */
async function* chunksOf(stream: ReadableStream<string>): AsyncGenerator<string> {
  const reader = stream.getReader();
  for (let turn = await reader.read(); !turn.done; turn = await reader.read()) yield turn.value;
}

function address(path: string, query: Readonly<Record<string, string | undefined>>): URL {
  const url = new URL(path, location.href);
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined) url.searchParams.set(name, value);
  }
  return url;
}

/** One event a text. What is not JSON, or has no type, is from a later version, or broken: ignored. */
export function parseEvents(texts: readonly string[]): Event[] {
  return texts.flatMap((text) => {
    try {
      const value: unknown = JSON.parse(text);
      const known = typeof value === "object" && value !== null && "type" in value;
      return known ? [value as Event] : [];
    } catch {
      return [];
    }
  });
}
