import type { DraftFields } from "../../../lib/model/draft.ts";
import type { RoomEvent } from "../../../lib/model/events.ts";
import type { Entry } from "../../../lib/model/message.ts";
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
    const send = (fields: DraftFields) =>
      ask(inbox, fields, (frame) => wire.send(JSON.stringify(frame)));
    const leave = async () => {
      await wire.send("/quit");
      await wire.ended;
    };
    return {
      inbox,
      token,
      say: (text, id) => send({ text, id }),
      send,
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
  // The sender's own line, numbered, is its ack.
  const send = async (fields: DraftFields) => {
    const before = inbox.events.length;
    const { type = "message" } = fields;
    const text = "text" in fields ? fields.text : "";
    await wire.send(typedOf(fields));
    const answer = await inbox.until(
      [type, "error"],
      (event, index) =>
        index >= before && (event.type === "error" || !("text" in event) || event.text === text),
    );
    if (answer.type === "error") throw new Refused(answer);
    return { seq: answer.seq, duplicate: false };
  };
  return {
    inbox,
    token: undefined,
    say: (text) => send({ text }),
    send,
    leave,
    [Symbol.asyncDispose]: leave,
  };
}

/** What somebody types for it. */
function typedOf(fields: DraftFields): string {
  switch (fields.type) {
    case "edit":
      return `/edit #${fields.ref} ${fields.text}`;
    case "delete":
      return `/delete #${fields.ref}`;
    case "reaction":
      return `/${fields.on ? "react" : "unreact"} #${fields.ref} ${fields.emoji}`;
    default:
      return fields.re === undefined ? String(fields.text) : `/reply #${fields.re} ${fields.text}`;
  }
}

/** A terminal line as the event it tells of. Its code and time, and how many reacted, are not on it. */
function parseLine(line: string): RoomEvent {
  const [, seq, told = ""] = /^\[\d\d:\d\d\] #(\d+) (.*)$/.exec(line) ?? [];
  if (seq !== undefined) return parseEntry(Number(seq), told);
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

function parseEntry(seq: number, told: string): Entry {
  const common = { seq, at: 0 };
  const change = /^([^:#]+?) (?:(edited|deleted)|(took back )?(\S+)) #(\d+)(?:$|: (.*)$)/.exec(
    told,
  );
  if (change) {
    const [, from = "", verb, back, emoji = "", ref, text = ""] = change;
    const changed = { ...common, from, ref: Number(ref) };
    if (verb === "edited") return { type: "edit", ...changed, text };
    if (verb === "deleted") return { type: "delete", ...changed };
    return { type: "reaction", ...changed, emoji, on: !back, count: 0, names: [] };
  }
  const [, from = "", re, to = "", text = ""] =
    /^([^:]+?)(?: \(to #(\d+) ([^:]+)\))?: (.*)$/.exec(told) ?? [];
  const [, shown = "", mark] = /^(.*?) ?(\(edited\)|\(deleted\))?$/.exec(text) ?? [];
  return {
    type: "message",
    ...common,
    from,
    text: shown,
    ...(re !== undefined && { re: Number(re), to }),
    ...(mark === "(edited)" && { edited: 0 }),
    ...(mark === "(deleted)" && { deleted: true as const }),
  };
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
