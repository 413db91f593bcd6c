import type { RoomEvent } from "../../../lib/model/events.ts";
import type { Addresses } from "../../support/server.ts";
import { type Client, type JoinOptions, Refused, type Transport } from "./client.ts";
import { Inbox } from "./inbox.ts";
import { openSocket } from "./socket.ts";
import { ask } from "./websocket.ts";

/** The TCP room as a person with `nc` uses it. */
export const tcp: Transport = {
  name: "tcp",
  form: "lines",
  join: (at, options) => {
    return joinByLines(options, (onLine) => openLines(at, onLine));
  },
};

/** GET /ws/text: the same lines in frames. */
export const textSocket: Transport = {
  name: "/ws/text",
  form: "lines",
  join: (at, options) => joinByLines(options, (onLine) => openFrames(at, onLine)),
};

/** The TCP room as a program uses it: its first line is a JSON object, and so is all that follows. */
export const tcpJson: Transport = {
  name: "tcp, JSON",
  form: "json",
  async join(at, options = {}) {
    const inbox = new Inbox();
    const wire = await openLines(at, (line) => {
      if (line.startsWith("{")) inbox.push(JSON.parse(line));
    });
    wire.ended.then(() => inbox.end("the end of the connection"));
    await wire.send(JSON.stringify({ type: "hello", ...options }));
    const first = await inbox.until(["welcome", "error"]);
    if (first.type === "error") {
      await wire.end();
      throw new Refused(first);
    }
    const { token } = first;
    const leave = async () => {
      await wire.send("/quit");
      await wire.ended;
    };
    return {
      inbox,
      token,
      say: (text, id) => ask(inbox, text, id, (message) => wire.send(JSON.stringify(message))),
      leave,
      [Symbol.asyncDispose]: leave,
    } satisfies Client;
  },
};

/** Lines there and back, whatever carries them. */
interface Wire {
  send(line: string): Promise<void>;
  /** Ends it without a goodbye. */
  end(): Promise<void>;
  readonly ended: Promise<void>;
}

async function joinByLines(
  options: JoinOptions = {},
  open: (onLine: (line: string) => void) => Promise<Wire>,
): Promise<Client> {
  const inbox = new Inbox();
  const wire = await open((line) => inbox.push(parseLine(line)));
  wire.ended.then(() => inbox.end("the end of the connection"));
  if (options.password !== undefined) await wire.send(options.password);
  await wire.send(options.name ?? "");
  const greeting = await inbox.until(
    ["info", "error"],
    (event) => event.type === "error" || event.text.startsWith("hello "),
  );
  if (greeting.type === "error") {
    await wire.end();
    throw new Refused(greeting);
  }
  if (options.since !== undefined) await wire.send(`/since ${options.since}`);
  const leave = async () => {
    await wire.send("/quit");
    await wire.ended;
  };
  return {
    inbox,
    token: undefined,
    // The sender's own line, numbered, is its ack.
    async say(text) {
      const before = inbox.events.length;
      await wire.send(text);
      const answer = await inbox.until(
        ["message", "error"],
        (event, index) => index >= before && (event.type === "error" || event.text === text),
      );
      if (answer.type === "error") throw new Refused(answer);
      return { seq: answer.seq, duplicate: false };
    },
    leave,
    [Symbol.asyncDispose]: leave,
  };
}

/** A terminal line as the event it tells of. Its code and time are not on the line. */
function parseLine(line: string): RoomEvent {
  const message = /^\[\d\d:\d\d\] #(\d+) (.+?): (.*)$/.exec(line);
  if (message) {
    const [, seq, from = "", text = ""] = message;
    return { type: "message", seq: Number(seq), at: 0, from, text };
  }
  const rest = line.slice(2);
  if (line.startsWith("! ")) return { type: "error", code: "bad_request", message: rest };
  if (line.startsWith("# ")) {
    const reason = rest.includes("another history")
      ? "epoch"
      : rest.includes("no longer kept")
      ? "gap"
      : "future";
    return { type: "reset", reason, epoch: "", first: 0, last: 0 };
  }
  const [, name = "", verb] = /^(\S+) (joined|left)$/.exec(rest) ?? [];
  if (verb === "joined") return { type: "join", name, count: 0 };
  if (verb === "left") return { type: "leave", name, count: 0 };
  if (rest.startsWith("the server is going away")) return { type: "bye", reconnect_ms: 0 };
  return { type: "info", text: rest };
}

async function openLines(
  { tcpPort }: Addresses,
  onLine: (line: string) => void,
): Promise<Wire> {
  const conn = await Deno.connect({ hostname: "127.0.0.1", port: tcpPort });
  const ended = (async () => {
    let rest = "";
    for await (const text of conn.readable.pipeThrough(new TextDecoderStream())) {
      const lines = (rest + text).split(/\r?\n/); // lines of JSON end with LF alone
      rest = lines.pop()!;
      lines.forEach(onLine);
    }
  })().catch(() => {}); // cut off is an end too
  return {
    ended,
    async end() {
      await conn.closeWrite().catch(() => {}); // it may have ended
      await ended;
    },
    async send(line) {
      await conn.write(new TextEncoder().encode(line + "\n")).catch(() => {}); // it may have ended
    },
  };
}

async function openFrames(at: Addresses, onLine: (line: string) => void): Promise<Wire> {
  const { socket, ended } = await openSocket(at, "/ws/text", {
    onFrame: (text) => text.split("\n").forEach(onLine),
  });
  return {
    ended: ended.then(() => {}),
    async end() {
      socket.close();
      await ended;
    },
    send: (line) => Promise.resolve(socket.readyState === 1 ? socket.send(line) : undefined),
  };
}
