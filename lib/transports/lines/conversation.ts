import type { Context } from "../../http/context.ts";
import { parseCursor } from "../../model/cursor.ts";
import type { Batch, RoomEvent } from "../../model/events.ts";
import type { DecodedLine } from "../../wire/line_decoder.ts";
import { helpText, type LineRequest, parseLine } from "../../wire/lines.ts";
import { LIMITS } from "../../model/message.ts";
import { parseName } from "../../model/names.ts";
import { parseObject } from "../../wire/json.ts";
import { resetEvent } from "../../room/reader.ts";
import { Refusal } from "../../model/refusal.ts";
import { clean } from "../../model/text.ts";
import { identify, Visit } from "../../room/visit.ts";

/** What a terminal is shown at first, where the room shows more: one screen. */
const RECENT = 10;

/** The other end of a line protocol connection, whatever it rides on. */
export interface LinePeer<T extends string | Uint8Array> {
  /** What has arrived together, in order, until the end of input. */
  readonly input: AsyncIterable<readonly DecodedLine[]>;
  /** How batches are written: as lines for people, or as JSON for programs. */
  readonly encode: { lines(batch: Batch): T; json(batch: Batch): T };
  /** Resolves when there may be more; false where there is nobody any more. Never called twice at once. */
  write(encoded: T): boolean | Promise<boolean>;
  /** Ends the input: nothing will be written any more. Idempotent. */
  hangUp(): void;
}

/**
 * Speaks the line protocol with a terminal: asks for a name, then shows the room and does what the
 * lines say, until the end of input, `/quit`, or the end of either side. A first line that is a JSON
 * object (`{"type":"hello","name":…,"token":…,"since":…}`) makes it the JSON protocol, for programs.
 */
export async function converse<T extends string | Uint8Array>(
  context: Context,
  terminal: LinePeer<T>,
  options: { emptyLine: "ignore" | "leave" },
): Promise<void> {
  const input = terminal.input[Symbol.asyncIterator]();
  const opening = await greet(context, terminal, input);
  if (!opening) return;
  const { visit, token, rest } = opening;
  let { json } = opening;

  const writing = (async () => {
    for await (const batch of visit.reader) {
      const encoded = json ? terminal.encode.json(batch) : terminal.encode.lines(batch);
      if (encoded.length > 0 && !await terminal.write(encoded)) break;
    }
    terminal.hangUp();
  })();

  try {
    await listen();
    visit.reader.finish(); // what was said is still shown, then it ends
    await writing;
  } finally {
    visit.leave(true);
  }

  /** Until the end of input or the wish to leave. */
  async function listen(): Promise<void> {
    for (
      let lines: readonly DecodedLine[] | undefined = rest;
      lines;
      lines = await nextLines(input)
    ) {
      const answers: Promise<void>[] = [];
      for (const line of lines) {
        if (visit.flooding) return visit.reader.tell({ type: "info", text: "you kept flooding" });
        if (line.type === "line" && json && line.text.startsWith("{")) {
          answers.push(visit.receive(line.text));
          continue;
        }
        if (!obey(line, answers)) return void await Promise.all(answers);
      }
      // Who sends faster than the log stores is read no faster than that.
      await Promise.all(answers);
    }
  }

  /** False: the wish to leave. */
  function obey(line: DecodedLine, answers: Promise<void>[]): boolean {
    try {
      const request = parseLine(textOf(line));
      if (!request) return options.emptyLine === "ignore";
      if (request.type === "quit") return false;
      if (request.type === "json") {
        json = true;
        visit.welcome({ after: visit.reader.seq, resumed: true }, token);
        return true;
      }
      const answer = carryOut(context, visit, request);
      if (answer) answers.push(answer.catch((error) => visit.refuse(error)));
    } catch (error) {
      visit.refuse(error);
    }
    return true;
  }
}

function carryOut(
  { room }: Context,
  visit: Visit,
  request: LineRequest,
): Promise<void> | undefined {
  const { reader, member } = visit;
  switch (request.type) {
    case "message":
      return visit.post({ text: request.text }).then(() => {});
    case "name":
      return void member.rename(request.name);
    case "who":
      return reader.tell(room.presence()), undefined;
    case "help":
      return reader.tell({ type: "info", text: helpText() }), undefined;
    case "since": {
      const cursor = parseCursor(request.cursor);
      if (!cursor) throw new Refusal("bad_request", "/since wants a number, or <epoch>-<number>");
      const start = room.locate(cursor, Math.min(RECENT, room.recent));
      if (start.reset) reader.tell(resetEvent(room.log, start, cursor.seq));
      return reader.seek(start), undefined;
    }
    default:
      throw new Refusal("bad_request", "there is no such command; /help tells those there are");
  }
}

interface Opening {
  readonly visit: Visit;
  readonly token: string;
  readonly json: boolean;
  /** Lines that came with the first one. */
  readonly rest: readonly DecodedLine[];
}

/** Asks for a name until there is one; undefined where the other side left, or is a browser. */
async function greet<T extends string | Uint8Array>(
  context: Context,
  terminal: LinePeer<T>,
  input: AsyncIterator<readonly DecodedLine[]>,
): Promise<Opening | undefined> {
  const { room } = context;
  const say = (event: RoomEvent) =>
    terminal.write(terminal.encode.lines({ events: [event], seq: room.tail.seq }));
  const { count } = room.presence();
  const prompt = `${room.name}, ${count} online. Your name? (Enter for a guest name)`;
  if (!await say({ type: "info", text: prompt })) return;
  for (let lines = await nextLines(input); lines; lines = await nextLines(input)) {
    for (const [index, line] of lines.entries()) {
      // A web page that posts to this port sends lines that look like this; Redis cuts it off too.
      if (line.type === "line" && /^(?:[A-Z]+ \S+ HTTP\/1\.|host:)/i.test(line.text)) return;
      try {
        const opening = await open(context, textOf(line));
        return { ...opening, rest: lines.slice(index + 1) };
      } catch (error) {
        const { code, message } = Refusal.from(error);
        if (!await say({ type: "error", code, message })) return;
      }
    }
  }
}

async function open(context: Context, line: string): Promise<Omit<Opening, "rest">> {
  const { room, sessions } = context;
  if (line.startsWith("{")) {
    const { name, token, since } = parseObject(line);
    const session = typeof token === "string" ? await sessions.verify(token) : undefined;
    const wished = name === undefined ? undefined : parseName(name);
    const cursor = since === undefined ? undefined : parseCursor(String(since)) ?? "unknown";
    const visitor = await identify(context, session, wished);
    return { visit: new Visit(room, visitor, { cursor }), token: visitor.token, json: true };
  }
  const name = line.trim() === "" ? undefined : parseName(line);
  const visitor = await identify(context, undefined, name);
  const recent = Math.min(RECENT, room.recent);
  const visit = new Visit(room, visitor, { cursor: undefined, recent });
  visit.reader.tell({ type: "info", text: hello(visit) });
  return { visit, token: visitor.token, json: false };

  function hello({ member, reader }: Visit): string {
    const total = room.tail.seq;
    const following = total - reader.seq;
    const messages = total === 0
      ? "no messages yet"
      : `the last ${following} of ${total} messages follow`;
    return `hello ${member.name}; ${messages}, /help for help`;
  }
}

/** What was typed: an arrow key pressed before a name or a command is no part of it. */
function textOf(line: DecodedLine): string {
  switch (line.type) {
    case "line":
      return clean(line.text);
    case "too_long":
      throw new Refusal("too_long", `the line is too long; at most ${LIMITS.bytes} bytes`);
    case "not_utf8":
      throw new Refusal("bad_request", "the line is not UTF-8");
  }
}

async function nextLines(
  input: AsyncIterator<readonly DecodedLine[]>,
): Promise<readonly DecodedLine[] | undefined> {
  const { value, done } = await input.next();
  return done ? undefined : value;
}
