import { converse } from "../conversation.ts";
import type { Exchange } from "../http/router.ts";
import type { Line } from "../line_decoder.ts";
import { close } from "./websocket.ts";
import { isTooBig, send, upgrade } from "./upgrade.ts";

/** Frames that wait while others are being stored: a socket cannot be told to read no further. */
const QUEUED_FRAMES = 1000;

/** GET /ws/text: the line protocol of the TCP room over text frames; the first frame is the name. */
export function textSocket({ request, context }: Exchange): Response {
  const upgraded = upgrade(request);
  if (upgraded instanceof Response) return upgraded;
  const { socket, response } = upgraded;
  let queue!: ReadableStreamDefaultController<readonly Line[]>;
  const input = new ReadableStream<readonly Line[]>({
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
    converse(context, {
      input,
      encode: { lines: context.encode.textFrame, json: context.encode.frame },
      write: (frame) => send(socket, frame),
      hangUp,
    }, { emptyLine: "ignore" })
      .catch((error) => context.room.report("cannot serve /ws/text", error))
      .finally(() =>
        context.room.closing ? close(socket, 1012, "restarting") : close(socket, 1000, "")
      );
  };
  socket.onmessage = ({ data }) => {
    if (typeof data !== "string") return close(socket, 1003, "text frames only");
    if (isTooBig(data)) return close(socket, 1009, "a frame may have 16 KiB");
    if ((queue.desiredSize ?? 0) <= 0) return close(socket, 4029, "kept flooding");
    queue.enqueue(
      data.split("\n").map((text) => ({ type: "line", text: text.replace(/\r$/, "") })),
    );
  };
  socket.onclose = hangUp;
  socket.onerror = () => {}; // close follows
  return response;
}
