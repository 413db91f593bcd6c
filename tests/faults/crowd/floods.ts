import { clientFrame, ECHO, RAW_KINDS } from "../support/raw_connections.ts";
import { connected, drain, flood, many, megabytes } from "./connections.ts";
import type { Load } from "./load.ts";

const WS = RAW_KINDS.find(({ name }) => name === "/ws")!;
const TCP = RAW_KINDS.find(({ name }) => name === "tcp")!;
const ECHO_BYTES = 42e6;

/** A client that says that somebody types, and nothing else. */
export const typingFlood: Load = {
  name: "one WebSocket that sends typing flat out",
  async run(at, signal) {
    const bytes = many(clientFrame('{"type":"typing"}'));
    const came = await flood(WS, at, { name: "typist", bytes, reads: true, signal });
    return told(came);
  },
};

/** Each frame costs the server far more than the byte in it. */
export const echoFlood: Load = {
  name: "42 MB of 1-byte frames to /echo, not read",
  async run(at, signal) {
    const bytes = many(clientFrame("x"));
    const options = { name: "", bytes, reads: false, most: ECHO_BYTES, signal };
    return told(await flood(ECHO, at, options));
  },
};

export const sinceFlood: Load = {
  name: "one TCP client that repeats /since 1",
  async run(at, signal) {
    const bytes = many(new TextEncoder().encode("/since 1\n"));
    const came = await flood(TCP, at, { name: "seeker", bytes, reads: true, signal });
    return `${told(came)}, ${megabytes(came.received)} read`;
  },
};

/** Every rename is told to everybody. */
export function renames(listeners: number): Load {
  return {
    name: `one that renames itself without end, ${listeners} listen`,
    async run(at, signal) {
      let heard = 0;
      const listening = Array.from({ length: listeners }, (_, i) => {
        const name = `listener${i}`;
        return connected(WS, at, { name, signal }, (conn) => drain(conn, (bytes) => heard += bytes))
          .catch(() => {}); // it is refused where others have taken all connections
      });
      const frames = ["left", "right"].map((name) => {
        return clientFrame(JSON.stringify({ type: "rename", name }));
      });
      const bytes = many(new Uint8Array(frames.flatMap((frame) => [...frame])));
      const came = await flood(WS, at, { name: "left", bytes, reads: true, signal });
      await Promise.all(listening);
      return `${told(came)}, ${megabytes(heard)} to the listeners`;
    },
  };
}

function told({ sent, cut }: { readonly sent: number; readonly cut: number }): string {
  return `${megabytes(sent)} sent, ${cut === 0 ? "never cut" : `cut ${cut} times`}`;
}
