import { parseCursor } from "../../model/cursor.ts";
import { errorEvent, type RoomEvent } from "../../model/events.ts";
import { isReserved, parseName } from "../../names/mod.ts";
import { nameReserved, Refusal } from "../../model/refusal.ts";
import { Visit } from "../../room/visit.ts";
import { parseObject } from "../../wire/json.ts";
import type { DecodedLine } from "../../wire/line_decoder.ts";
import { textOf } from "../../wire/lines.ts";
import type { Services } from "../services.ts";
import { type LineInput, type LinePeer, nextLines } from "./peer.ts";

/** What a terminal is shown at first, where the room shows more: one screen. */
export const RECENT = 10;

/** A peer that has come in. */
export interface Arrival {
  readonly visit: Visit;
  readonly token: string;
  /** It speaks JSON. */
  readonly json: boolean;
  /** Lines that came with the first one. */
  readonly rest: readonly DecodedLine[];
}

/**
 * Asks for a name until there is one; undefined where the peer left, or is a browser. A first line
 * that is a JSON object (`{"type":"hello","name":…,"token":…,"since":…}`) makes it a program's
 * connection, which is answered in JSON.
 */
export async function greet<T extends string | Uint8Array>(
  services: Services,
  peer: LinePeer<T>,
  input: LineInput,
): Promise<Arrival | undefined> {
  const { room } = services;
  const say = (event: RoomEvent, json = false) => {
    const batch = { events: [event], seq: room.tail.seq };
    return peer.writer.write(json ? peer.encode.json(batch) : peer.encode.lines(batch));
  };
  const prompt = `${room.name}, ${room.people.count} online. Your name? (Enter for a guest name)`;
  if (!await say({ type: "info", text: prompt })) return;
  for (let lines = await nextLines(input); lines; lines = await nextLines(input)) {
    for (const [index, line] of lines.entries()) {
      if (isBrowser(line)) return;
      const json = line.type === "line" && line.text.startsWith("{");
      try {
        const text = textOf(line);
        const visitor = await (json ? enterProgram : enterPerson)(services, text, peer.address);
        return { ...visitor, json, rest: lines.slice(index + 1) };
      } catch (error) {
        const refusal = Refusal.from(error);
        if (refusal.code === "internal") room.report("cannot greet a client", error);
        if (!await say(errorEvent(refusal), json)) return;
      }
    }
  }
  if (peer.allowance.over) await say(errorEvent(peer.allowance.warning()));
}

/** A web page that posts to this port sends lines that look like this; Redis cuts it off too. */
function isBrowser(line: DecodedLine): boolean {
  return line.type === "line" && /^(?:[A-Z]+ \S+ HTTP\/1\.|host:)/i.test(line.text);
}

async function enterProgram(
  { room, sessions, signIns, door }: Services,
  line: string,
  address: string,
) {
  const { name, token, since } = parseObject(line);
  const brought = token === undefined || token === null
    ? undefined
    : await sessions.authenticate(String(token));
  if (brought) signIns.use(brought, { address, agent: "TCP" });
  const wished = name === undefined || name === null ? undefined : parseName(name);
  const cursor = since === undefined || since === null
    ? undefined
    : parseCursor(String(since)) ?? "unknown";
  const session = await door.admit({ session: brought, wished, address });
  return { visit: new Visit(room, session, { cursor }), token: session.token };
}

async function enterPerson({ room, door }: Services, line: string, address: string) {
  const name = line.trim() === "" ? undefined : parseName(line);
  if (name !== undefined && isReserved(name)) throw nameReserved(name); // they can be asked again
  const session = await door.admit({ session: undefined, wished: name, address });
  const recent = Math.min(RECENT, room.recent);
  const visit = new Visit(room, session, { cursor: undefined, recent });
  const total = room.tail.seq;
  const following = total - visit.reader.seq;
  const messages = total === 0
    ? "no messages yet"
    : `the last ${following} of ${total} messages follow`;
  visit.reader.push({ type: "info", text: `hello ${visit.name}; ${messages}, /help for help` });
  return { visit, token: session.token };
}
