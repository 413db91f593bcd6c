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

/** Passwords that may be tried on one connection, and hellos. */
const ATTEMPTS = 3;

/** What is known of a peer before it says anything. */
type Newcomer = Pick<LinePeer<never>, "address" | "proof">;

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
 * Asks for the password where there is one, and for a name, until there is one; undefined where the peer
 * left, or is a browser, or did not know the password. A first line that is a JSON object
 * (`{"type":"hello","name":…,"token":…,"since":…,"password":…}`) makes it a program's connection, which
 * is answered in JSON.
 */
export async function greet<T extends string | Uint8Array>(
  services: Services,
  peer: LinePeer<T>,
  input: LineInput,
): Promise<Arrival | undefined> {
  const { room, access } = services;
  const say = (event: RoomEvent, json = false) => {
    const batch = { events: [event], seq: room.tail.seq };
    return peer.writer.write(json ? peer.encode.json(batch) : peer.encode.lines(batch));
  };
  const ask = (text: string) => say({ type: "info", text });
  let { proof } = peer;
  let failures = 0;
  if (!await ask(questionOf(services, proof))) return;
  for (let lines = await nextLines(input); lines; lines = await nextLines(input)) {
    for (const [index, line] of lines.entries()) {
      if (isBrowser(line)) return;
      const json = line.type === "line" && line.text.startsWith("{");
      const rest = lines.slice(index + 1);
      try {
        if (json) return { ...await enterProgram(services, textOf(line), peer), json, rest };
        const { read, write } = access.features(proof);
        if (write || read && line.type === "line" && line.text === "") {
          const wish = write ? textOf(line) : "";
          return { ...await enterPerson(services, wish, { ...peer, proof }), json, rest };
        }
        proof = await access.prove(passwordOf(line), peer.address);
        if (!await ask(questionOf(services, proof))) return;
      } catch (error) {
        const refusal = Refusal.from(error);
        if (refusal.code === "internal") room.report("cannot greet a client", error);
        // An operator's measure is no question of the name.
        if (!await say(errorEvent(refusal), json) || refusal.measure) return;
        const isAttempt = refusal.code === "unauthorized" || refusal.code === "rate_limited";
        if (isAttempt && ++failures === ATTEMPTS) return;
      }
    }
  }
  if (peer.allowance.over) await say(errorEvent(peer.allowance.warning()));
}

/** What is asked next: the password, of somebody who has not given it, or the name. */
function questionOf({ room, access }: Services, proof: string | undefined): string {
  const { read, write } = access.features(proof);
  const here = `${room.name}, ${room.people.count} online`;
  if (write) return `${here}. Your name? (Enter for a guest name)`;
  return read
    ? `${here}. The password, to write? (Enter to read only)`
    : `${room.name} has a password. The password?`;
}

/** As it was typed: it may have any characters but those that no line has. */
function passwordOf(line: DecodedLine): string {
  return line.type === "line" ? line.text : textOf(line);
}

/** A web page that posts to this port sends lines that look like this; Redis cuts it off too. */
function isBrowser(line: DecodedLine): boolean {
  return line.type === "line" && /^(?:[A-Z]+ \S+ HTTP\/1\.|host:)/i.test(line.text);
}

async function enterProgram(
  { room, sessions, signIns, door, access }: Services,
  line: string,
  { address, proof }: Newcomer,
) {
  const { name, token, since, password } = parseObject(line);
  const given = password === undefined || password === null
    ? proof
    : await access.prove(password, address);
  const brought = token === undefined || token === null
    ? undefined
    : await sessions.authenticate(String(token));
  if (brought) signIns.use(brought, { address, agent: "TCP" });
  const wished = name === undefined || name === null ? undefined : parseName(name);
  const cursor = since === undefined || since === null
    ? undefined
    : parseCursor(String(since)) ?? "unknown";
  await room.reach(cursor);
  const session = await door.admit({
    session: brought,
    wished,
    address,
    proof: given ?? brought?.proof,
  });
  return { visit: new Visit(room, session, { cursor }), token: session.token };
}

async function enterPerson(
  { room, door, access }: Services,
  line: string,
  { address, proof }: Newcomer,
) {
  const name = line.trim() === "" ? undefined : parseName(line);
  if (name !== undefined) await access.checkName(line);
  if (name !== undefined && isReserved(name)) throw nameReserved(name); // they can be asked again
  const session = await door.admit({ session: undefined, wished: name, address, proof });
  const recent = Math.min(RECENT, room.recent);
  const visit = new Visit(room, session, { cursor: undefined, recent });
  const total = room.tail.seq;
  const following = total - visit.reader.seq;
  const messages = total === 0
    ? "no messages yet"
    : `the last ${following} of ${total} messages follow`;
  const rights = session.features.write ? "" : "; you may read, and not write";
  visit.reader.push({
    type: "info",
    text: `hello ${visit.name}${rights}; ${messages}, /help for help`,
  });
  return { visit, token: session.token };
}
