import { Deadline } from "../../base/deadline.ts";
import type { Probe } from "./probe.ts";

/** How long one answer may take. */
const ANSWER_MS = 10_000;

/** GET /ping of a room over a connection that is kept alive; the first exchange opens it. */
export function probeHttp(url: URL): Probe {
  const client = Deno.createHttpClient({ poolMaxIdlePerHost: 1, poolIdleTimeout: false });
  const left = new AbortController();
  /** Our addresses as the server saw them: each new one is a new connection. */
  const seen = new Set<string>();
  return {
    peer: url.host,
    bytes: 0,
    inTurn: true,
    gone: left.signal, // never by itself: the next exchange opens a new connection
    get connections() {
      return seen.size;
    },
    async exchange() {
      using deadline = new Deadline(ANSWER_MS, { parent: left.signal });
      const init: RequestInit & { client: Deno.HttpClient } = {
        client,
        signal: deadline.signal,
        redirect: "error",
      };
      const response = await fetch(url, init);
      const body = await response.text();
      const address = /^pong (\S+)\s*$/.exec(body)?.[1];
      if (!response.ok || address === undefined) {
        throw new Error(`no pong, but status ${response.status}; wanted the address of /ping`);
      }
      const reused = seen.has(address);
      seen.add(address);
      return { bytes: body.length, note: `(${address}, ${reused ? "reused" : "new"})` };
    },
    close() {
      left.abort();
      client.close();
      return Promise.resolve();
    },
  };
}
