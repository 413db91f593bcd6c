import { parseCursor } from "../../model/cursor.ts";
import type { DraftFields } from "../../model/draft.ts";
import { errorEvent, resetEvent } from "../../model/events.ts";
import type { Allowance } from "../../limits/mod.ts";
import { Refusal } from "../../model/refusal.ts";
import type { Visit } from "../../room/visit.ts";
import type { DecodedLine } from "../../wire/line_decoder.ts";
import {
  helpText,
  type LineRequest,
  NAMED,
  parseLine,
  peopleText,
  textOf,
} from "../../wire/lines.ts";
import type { MessageCommand } from "../../wire/commands.ts";
import { answerFrame } from "../frames.ts";
import { type Outcome, pump } from "../pump/pump.ts";
import type { Services } from "../services.ts";
import { greet, RECENT } from "./greeting.ts";
import { type LineInput, type LinePeer, nextLines } from "./peer.ts";

/** What an empty line means. */
export type EmptyLine = "ignore" | "leave";

/**
 * Speaks the line protocol with a peer: asks for a name, then shows the room and does what the lines
 * say, until the end of input, `/quit`, or the end of either side. Resolves with how it ended; never
 * rejects. The caller closes the connection.
 */
export async function converse<T extends string | Uint8Array>(
  services: Services,
  peer: LinePeer<T>,
  emptyLine: EmptyLine,
): Promise<Outcome | "flooding"> {
  const input = peer.input[Symbol.asyncIterator]();
  const arrival = await greet(services, peer, input);
  if (!arrival) return "ended";
  peer.cameIn();
  const { visit, token, rest } = arrival;
  let { json } = arrival;
  const pumped = pump(visit, {
    writer: peer.writer,
    encode: (batch) => json ? peer.encode.json(batch) : peer.encode.lines(batch, peer.base),
    watchdog: services.watchdog,
    stay: peer.stay,
  }).finally(() => peer.hangUp());
  const { allowance } = peer;
  const how = await listen(visit, { allowance, input, first: rest, take });
  if (how === "flooding") {
    peer.stay.cut("flooding");
    const why = allowance.over
      ? allowance.warning()
      : new Refusal("rate_limited", "you kept flooding");
    visit.reader.push(errorEvent(why));
  }
  visit.finish(); // what was said is still shown, then it ends
  const outcome = await pumped;
  return how === "flooding" ? how : outcome;

  /** Does what one line says; the promise is of an answer that takes time. False: the wish to leave. */
  function take(line: DecodedLine): boolean | Promise<void> {
    if (json && line.type === "line" && line.text.startsWith("{")) {
      return answerFrame(visit, line.text, services.moderation);
    }
    try {
      const request = parseLine(textOf(line));
      if (!request) return emptyLine === "ignore";
      if (request.type === "quit") return false;
      if (request.type === "json") {
        json = true;
        visit.welcome({ after: visit.reader.seq, resumed: true }, token);
        return true;
      }
      if (request.type === "since") allowance.seek();
      const answer = carryOut(visit, request, services);
      return answer?.catch((error) => visit.refuse(error)) ?? true;
    } catch (error) {
      visit.refuse(error);
      return true;
    }
  }
}

/** Until the end of input, the wish to leave, or a flood. */
async function listen(
  visit: Visit,
  { allowance, input, first, take }: {
    readonly allowance: Allowance;
    readonly input: LineInput;
    /** Lines that have come already. */
    readonly first: readonly DecodedLine[];
    readonly take: (line: DecodedLine) => boolean | Promise<void>;
  },
): Promise<"left" | "flooding"> {
  for (let lines: typeof first | undefined = first; lines; lines = await nextLines(input)) {
    const answers: Promise<void>[] = [];
    for (const line of lines) {
      const answer = take(line);
      if (answer instanceof Promise) answers.push(answer);
      else if (!answer) {
        await Promise.all(answers);
        return "left";
      }
    }
    // A client that sends faster than the log stores is read no faster than that.
    await Promise.all(answers);
    if (allowance.over || visit.flooding) return "flooding";
    if (allowance.hasWarning) visit.refuse(allowance.warning());
  }
  return allowance.over ? "flooding" : "left";
}

function carryOut(
  visit: Visit,
  request: LineRequest,
  services: Services,
): Promise<void> | undefined {
  const { reader, room } = visit;
  switch (request.type) {
    case "message":
      return visit.post({ text: request.text }).then(() => {});
    case "about":
      return change(visit, request.command);
    case "name":
      return visit.rename(request.name);
    case "who":
      return void who(visit, request.part);
    case "help":
      return void reader.push({
        type: "info",
        text: helpText(room.rules.isOperator(visit.session)),
      });
    case "operator":
      return becomeOperator(visit, request.token, services);
    case "topic":
      return void reader.push({ type: "info", text: topicText(room.log.topic?.text) });
    case "order":
      return services.moderation.order(request.fields, visit).then(({ text, receipt }) => {
        // A topic's own line, numbered, is its answer.
        if (!receipt) reader.push({ type: "info", text });
      });
    case "since": {
      const cursor = parseCursor(request.cursor);
      if (!cursor) throw new Refusal("bad_request", "/since wants a number, or <epoch>-<number>");
      const start = room.locate(cursor, Math.min(RECENT, room.recent));
      if (start.reset) reader.push(resetEvent(room.log, start.reset, cursor.seq));
      return void reader.seek(start);
    }
    default:
      throw new Refusal("bad_request", "there is no such command; /help tells those there are");
  }
}

function who({ reader, room }: Visit, part: string): void {
  const here = room.presence();
  if (part === "") reader.push(here);
  if (part === "" && "names" in here) return;
  reader.push({ type: "info", text: peopleText(part, room.people.lookUp(part, NAMED)) });
}

/** Does what a command says about a message. Rejects with a Refusal. */
async function change(visit: Visit, command: MessageCommand): Promise<void> {
  const isLast = command.type === "edit" && command.ref === undefined;
  const fields = fieldsOf(command, isLast ? await visit.lastSaid() : command.ref);
  const { duplicate } = await visit.post(fields);
  // Nothing is stored, so no line tells it.
  if (duplicate) visit.reader.push({ type: "info", text: "that is so already" });
}

/** What is stored for a command about a message. Throws a Refusal where none is meant. */
function fieldsOf(command: MessageCommand, ref: number | undefined): DraftFields {
  if (ref === undefined) throw new Refusal("bad_request", WHICH[command.type]);
  switch (command.type) {
    case "reply":
      return { text: command.text, re: ref };
    case "edit":
      return { type: "edit", ref, text: command.text };
    case "delete":
      return { type: "delete", ref };
    case "reaction":
      return { type: "reaction", ref, emoji: command.emoji, on: command.on };
  }
}

const WHICH = {
  reply: "which message? wanted /reply #42 TEXT",
  edit: "which message? you have said nothing here yet; wanted /edit #42 TEXT",
  delete: "which message? wanted /delete #42",
  reaction: "which message? wanted /react #42 👍, or /unreact",
};

/** The connection goes on as the operator's session. */
async function becomeOperator(
  visit: Visit,
  token: string,
  { sessions, signIns, door, room }: Services,
): Promise<void> {
  const session = await sessions.authenticate(token);
  if (room.rules.nameOf(session.id) === undefined) {
    throw new Refusal("forbidden", "that token is good, but it is not an operator's");
  }
  const address = visit.address ?? "";
  signIns.use(session, { address, agent: "/operator" });
  const admitted = await door.admit({ session, wished: undefined, address });
  visit.become(admitted);
  const text = `you go on as ${visit.name}; /help tells what you can do`;
  visit.reader.push({ type: "info", text });
}

function topicText(topic = ""): string {
  return topic === "" ? "there is no topic" : `the topic: ${topic}`;
}
