import type { DraftFields } from "../../../lib/model/draft.ts";
import { bearer, type Client, queryOf, Refused, type Transport } from "./client.ts";
import { Inbox } from "./inbox.ts";
import { openSocket } from "./socket.ts";

/** GET /ws: events as JSON, a frame of the client's for each thing it does. */
export const websocket: Transport = {
  name: "/ws",
  form: "json",
  async join(at, options = {}) {
    const inbox = new Inbox();
    const { socket, ended } = await openSocket(at, `/ws?${queryOf(options)}`, {
      headers: bearer(options.token),
      onFrame: (text) => text.split("\n").forEach((line) => inbox.push(JSON.parse(line))),
    });
    ended.then(({ code, reason }) => inbox.end(`${code} ${reason}`));
    const { token } = await inbox.until("welcome");
    const send = (fields: DraftFields) =>
      ask(inbox, fields, (frame) => socket.send(JSON.stringify(frame)));
    const leave = async () => {
      socket.close(1000);
      await ended;
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

/** Says something in the JSON protocol, and finds the answer by the id. */
export async function ask(
  inbox: Inbox,
  { id, ...fields }: DraftFields,
  send: (frame: unknown) => unknown,
) {
  const before = inbox.events.length;
  const key = id ?? crypto.randomUUID();
  await send({ type: "message", ...fields, id: key });
  const answer = await inbox.until(
    ["ack", "error"],
    (event, index) => index >= before && event.id === key,
  );
  if (answer.type === "error") throw new Refused(answer);
  return { seq: answer.seq, duplicate: answer.duplicate };
}
