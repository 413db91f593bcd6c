import { poll, postMessage } from "./api.ts";
import { addressOf, type Line, type LineOptions, parseEvents, type Via } from "./line.ts";

/**
 * Server-Sent Events, read by fetch rather than EventSource: that one hides the server's heartbeat
 * comments, so a dead connection would look like a quiet room, and it comes back by its own clock.
 */
export function openEventStream(options: LineOptions): Line {
  return oneWay("sse", async (signal) => {
    const response = await fetch(addressOf("/events", options), {
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
      const data = lines.filter((line) => line.startsWith("data: ")).map((line) => line.slice(6));
      options.heard(parseEvents(data));
    }
  });
}

/** How long one poll may wait, in seconds: the server's default, which proxies let pass. */
const POLL_S = 25;
/** A poll that has not been answered this long after it should have been is lost. */
const POLL_SLACK_MS = 10_000;

/** Without a name the poll has no session, so it only reads: nobody sees it in the room. */
export function openPoll({ since, heard }: LineOptions): Line {
  return oneWay("poll", async (signal) => {
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

/** What is heard in one long request; what is said goes in requests of its own. */
function oneWay(via: Via, run: (signal: AbortSignal) => Promise<void>): Line {
  const aborter = new AbortController();
  // However it ends, that it ended is all there is to know: the next attempt tells more.
  const closed = run(aborter.signal).catch(() => {});
  return {
    via,
    closed,
    post: async (message) => (await postMessage(message)).seq,
    typing() {}, // not worth a request
    close: () => aborter.abort(),
  };
}

/** Safari's streams cannot be iterated yet. */
async function* chunksOf(stream: ReadableStream<string>): AsyncGenerator<string> {
  const reader = stream.getReader();
  for (let turn = await reader.read(); !turn.done; turn = await reader.read()) yield turn.value;
}
