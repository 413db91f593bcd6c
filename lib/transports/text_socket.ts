import { converse } from "./lines/conversation.ts";
import type { Exchange } from "../http/router.ts";
import type { DecodedLine } from "../wire/line_decoder.ts";
import { close, onText, SocketWriter } from "./pump/socket_writer.ts";
import { upgrade } from "./upgrade.ts";

/** Frames that wait while others are being stored: a socket cannot be told to read no further. */
const QUEUED_FRAMES = 1000;

/** GET /ws/text: the line protocol of the TCP room over text frames; the first frame is the name. */
export function textSocket({ request, context }: Exchange): Response {
  const upgraded = upgrade(request);
  if (upgraded instanceof Response) return upgraded;
  const { socket, response } = upgraded;

  let queue!: ReadableStreamDefaultController<readonly DecodedLine[]>;
  const input = new ReadableStream<readonly DecodedLine[]>({
    start: (controller) => void (queue = controller),
  }, { highWaterMark: QUEUED_FRAMES });
  const hangUp = () => {
    try {
      queue.close();
    } catch {
      // best effort: it is closed already
    }
  };

  socket.onopen = () => {
    const writer = new SocketWriter(socket, context.watchdog, hangUp);
    converse(context, {
      input,
      encode: { lines: context.encode.textFrame, json: context.encode.frame },
      write: (frame) => writer.send(frame),
      hangUp,
    }, { emptyLine: "ignore" })
      .catch((error) => context.room.report("cannot serve /ws/text", error))
      .finally(() => context.room.closing ? writer.end(1012, "restarting") : writer.end(1000, ""));
  };
  onText(socket, (text) => {
    if ((queue.desiredSize ?? 0) <= 0) return close(socket, 4029, "kept flooding");
    queue.enqueue(text.split(/\r?\n/).map((text) => ({ type: "line", text })));
  });
  socket.onclose = hangUp;
  return response;
}
