import type { Handler } from "../http/exchange.ts";
import type { DecodedLine } from "../wire/line_decoder.ts";
import { converse } from "./lines/conversation.ts";
import { SocketWriter } from "./pump/socket_writer.ts";
import type { Services } from "./services.ts";
import { CLOSE, closeSocket, NO_PONG } from "./socket/close.ts";
import { onText } from "./socket/on_text.ts";
import { upgrade } from "./socket/upgrade.ts";

/** Frames that wait while others are being stored: a socket cannot be told to read no further. */
const QUEUED_FRAMES = 1000;

/** GET /ws/text: the line protocol of the TCP room over text frames; the first frame is the name. */
export function textSocket(services: Services): Handler {
  return (exchange) => {
    const upgraded = upgrade(exchange, services.limits, "ws_text");
    if (upgraded instanceof Response) return upgraded;
    const { socket, response, allowance } = upgraded;
    const frames = new FrameQueue();
    const { hostname } = exchange.address;
    const stay = services.journal.stay({ transport: "ws_text", address: hostname });

    socket.onopen = () => {
      converse(services, {
        address: hostname,
        base: exchange.base,
        proof: exchange.proof,
        stay,
        input: frames.lines,
        allowance,
        encode: { lines: services.encodings.textFrame, json: services.encodings.frame },
        writer: new SocketWriter(socket),
        cameIn() {},
        hangUp: () => frames.end(),
      }, "ignore").then((how) => {
        const left = how === "ended" && !services.room.closing;
        closeSocket(socket, left ? [1000, ""] : CLOSE[how]);
      });
    };
    onText(socket, {
      allowance,
      warn() {}, // the conversation does, as a line
      cut() {
        stay.cut("flooding");
        frames.end();
      },
      handle(text) {
        const lines = text.split(/\r?\n/);
        // The frame has been counted as one line.
        if (!allowance.take(lines.length - 1)) {
          stay.cut("flooding");
          frames.end();
          closeSocket(socket, CLOSE.flooding);
        } else if (!frames.push(lines)) {
          stay.cut("flooding");
          closeSocket(socket, CLOSE.flooding);
        }
      },
    });
    socket.onclose = ({ reason }) => {
      if (reason === NO_PONG) stay.cut("dead");
      frames.end();
    };
    return response;
  };
}

/** From frames that come when they come to lines that are read one after the other. */
class FrameQueue {
  readonly lines: ReadableStream<readonly DecodedLine[]>;
  #controller!: ReadableStreamDefaultController<readonly DecodedLine[]>;

  constructor() {
    this.lines = new ReadableStream({
      start: (controller) => void (this.#controller = controller),
    }, { highWaterMark: QUEUED_FRAMES });
  }

  /** False where too many wait. */
  push(frame: readonly string[]): boolean {
    if ((this.#controller.desiredSize ?? 0) <= 0) return false;
    this.#controller.enqueue(frame.map((text) => ({ type: "line", text })));
    return true;
  }

  /** Idempotent. */
  end(): void {
    try {
      this.#controller.close();
    } catch {
      // best effort: it has ended already
    }
  }
}
