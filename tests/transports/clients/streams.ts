import { assertEquals } from "@std/assert";
import { isEntry, type RoomEvent } from "../../../lib/model/events.ts";
import { bearer, type Client, postAs, queryOf, Refused, type Transport } from "./client.ts";
import { Inbox } from "./inbox.ts";

/** GET /events, read as a browser's EventSource reads it; its entries must have their cursor as id. */
export const sse: Transport = streamed("/events", (text, inbox) => {
  const blocks = text.split("\n\n");
  const rest = blocks.pop()!;
  for (const block of blocks) {
    const fields = new Map(
      block.split("\n").map((line) => {
        const colon = line.indexOf(": ");
        return [line.slice(0, colon), line.slice(colon + 2)];
      }),
    );
    const data = fields.get("data");
    if (data === undefined) continue; // a comment, or `retry` alone
    const event: RoomEvent = JSON.parse(data);
    assertEquals(fields.get("event"), event.type);
    assertEquals(fields.has("id"), isEntry(event));
    if (isEntry(event)) assertEquals(fields.get("id")?.split("-")[1], String(event.seq));
    inbox.push(event);
  }
  return rest;
});

/** GET /stream: a line of JSON for each event. */
export const stream: Transport = streamed("/stream", (text, inbox) => {
  const lines = text.split("\n");
  const rest = lines.pop()!;
  for (const line of lines) inbox.push(JSON.parse(line));
  return rest;
});

/** What the room says in one endless response; what the client says is posted. */
function streamed(path: string, parse: (text: string, inbox: Inbox) => string): Transport {
  return {
    name: path,
    form: "json",
    async join(at, options = {}) {
      const inbox = new Inbox();
      const response = await fetch(`${at.url}${path}?${queryOf(options)}`, {
        headers: bearer(options.token),
      });
      if (response.status !== 200) throw new Refused((await response.json()).error);
      const body = response.body!.pipeThrough(new TextDecoderStream()).getReader();
      const reading = read(body, (text) => parse(text, inbox)).then(
        () => inbox.end("the end of the response"),
        (error) => inbox.end(String(error)),
      );
      const { token } = await inbox.until("welcome");
      const leave = async () => {
        await body.cancel();
        await reading;
      };
      return {
        inbox,
        token,
        say: (text, id) => postAs(at, token, { text, id }),
        send: (fields) => postAs(at, token, fields),
        leave,
        [Symbol.asyncDispose]: leave,
      } satisfies Client;
    },
  };
}

/** Hands on all text that is not parsed yet; `parse` returns what it leaves for later. */
async function read(
  body: ReadableStreamDefaultReader<string>,
  parse: (text: string) => string,
): Promise<void> {
  let rest = "";
  for (;;) {
    const { value, done } = await body.read();
    if (done) return;
    rest = parse(rest + value);
  }
}
