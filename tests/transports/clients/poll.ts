import { bearer, type Client, postAs, Refused, type Transport } from "./client.ts";
import { Inbox } from "./inbox.ts";

/** GET /poll over and over, each time with the cursor of the last; somebody by a session made before. */
export const poll: Transport = {
  name: "/poll",
  form: "poll",
  async join(at, { name, token, since, recent } = {}) {
    const inbox = new Inbox();
    const session = token ?? await openSession(at.url, name);
    const hangingUp = new AbortController();
    const { signal } = hangingUp;
    let cursor = since;
    const first = Promise.withResolvers<void>();
    const turn = async (wait: number) => {
      const query = new URLSearchParams({ wait: String(wait) });
      if (cursor !== undefined) query.set("since", cursor);
      else if (recent !== undefined) query.set("recent", String(recent));
      const response = await fetch(`${at.url}/poll?${query}`, { headers: bearer(session), signal });
      const answer = await response.json();
      if (response.status !== 200) throw new Refused(answer.error);
      for (const event of answer.events) inbox.push(event);
      cursor = answer.cursor;
      first.resolve();
    };
    const polling = (async () => {
      await turn(0);
      for (;;) await turn(25);
    })().catch((error) => {
      inbox.end(String(error));
      first.reject(error);
    });
    await first.promise;
    const leave = async () => {
      hangingUp.abort();
      await polling;
    };
    return {
      inbox,
      token: session,
      say: (text, id) => postAs(at, session, { text, id }),
      send: (fields) => postAs(at, session, fields),
      leave,
      [Symbol.asyncDispose]: leave,
    } satisfies Client;
  },
};

async function openSession(url: string, name: string | undefined): Promise<string> {
  const response = await fetch(`${url}/api/session`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ name }),
  });
  const answer = await response.json();
  if (response.status !== 200) throw new Refused(answer.error);
  return answer.token;
}
