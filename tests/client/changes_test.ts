// Edits, deletes, reactions, answers and files: the client against the real server, over every transport.
import { assert, assertEquals, assertRejects } from "@std/assert";
import {
  type Client,
  isChange,
  join,
  type JoinOptions,
  type Message,
  Messages,
  NotConnected,
  overTcp,
  Refusal,
  type Transport,
} from "../../lib/client/mod.ts";
import { Random } from "../faults/support/random.ts";
import { TestServer } from "../support/server.ts";

const EMOJI = ["👍", "🎉", "❤️"];

function joinOver(via: Transport, at: TestServer, options: JoinOptions = {}): Client {
  const url = via === "tcp" ? `tcp://127.0.0.1:${at.tcpPort}` : at.url;
  const tcp = overTcp((address) => Deno.connect(address));
  return join(url, { transports: [via], tcp, ...options });
}

/** Shows what comes, up to an entry. */
async function showUntil(client: Client, seq: number, messages: Messages): Promise<void> {
  for await (const event of client) {
    if (event.type === "message") messages.add([event]);
    else if (isChange(event)) messages.change(event);
    if ("seq" in event && event.seq >= seq) return;
  }
  throw new Error(`it ended before ${seq}`);
}

/** The history as it is now. */
async function readHistory({ url }: TestServer): Promise<Message[]> {
  const response = await fetch(`${url}/api/messages?after=0&limit=200`);
  return (await response.json()).events;
}

for (const via of ["websocket", "sse", "poll", "tcp"] as const) {
  Deno.test(`${via}: what is said of a message is stored, once by id, or refused in words`, async () => {
    await using server = await TestServer.open();
    await using bob = joinOver("websocket", server, { name: "bob" });
    await bob.say("bob's");
    await using client = joinOver(via, server, { name: "ann", since: "0" });
    const receipts = [
      await client.say("hi", { id: "said" }),
      await client.edit(2, "hi!", { id: "edited" }),
      await client.edit(2, "hi!", { id: "edited" }),
      await client.react(1, "👍🏽"),
      await client.react(1, "👍🏽"),
      await client.say("an answer", { re: 1 }),
      await client.edit("said", "by its id"),
      await client.react(1, "👍🏽", false),
      await client.remove(2),
    ];
    assertEquals(receipts.map((receipt) => receipt?.seq), [2, 3, 3, 4, 4, 5, 6, 7, 8]);
    // Of the third, the entry may come to be read before the answer that says so.
    const news = receipts.toSpliced(2, 1).map((receipt) => !receipt?.duplicate);
    assertEquals(news, [true, true, true, false, true, true, true, true]);
    const refused: [() => Promise<unknown>, Refusal["code"]][] = [
      [() => client.edit(1, "not mine"), "forbidden"],
      [() => client.remove(1), "forbidden"],
      [() => client.edit(99, "nothing"), "not_found"],
      [() => client.edit(2, "deleted"), "bad_request"],
      [() => client.react(1, "no emoji"), "bad_request"],
      [() => client.react(1, "\ud800"), "bad_request"],
      [() => client.edit(5, " "), "bad_request"],
      [() => client.edit(5, "x".repeat(4001)), "too_long"],
      [() => client.say("", { files: [{ id: "0", name: "a", type: "b", size: 1 }] }), "not_found"],
    ];
    for (const [ask, code] of refused) {
      const refusal = await assertRejects(ask, Refusal);
      assertEquals(refusal.code, code, String(ask));
    }
    assertEquals((await client.say("and goes on")).seq, 9);
    const messages = new Messages();
    await showUntil(client, 9, messages);
    assertEquals(client.outgoing, []);
    assertEquals([messages.get(1)?.reactions, messages.get(2)?.deleted, messages.get(5)?.to], [
      undefined,
      true,
      "bob",
    ]);
  });

  Deno.test(`${via}: who resumed at any point shows what one shows who loaded the history`, async () => {
    for (let seed = 1; seed <= 2; seed++) {
      await using server = await TestServer.open({ rate: undefined });
      const random = new Random(seed);
      await using ann = joinOver(via, server, { name: "ann" });
      await using bob = joinOver("websocket", server, { name: "bob" });
      const own = new Map<Client, number[]>([[ann, []], [bob, []]]);
      const all: number[] = [];
      const act = async (client: Client): Promise<number> => {
        const mine = own.get(client)!;
        const ref = mine.length > 0 ? random.pick(mine) : undefined;
        const any = all.length > 0 ? random.pick(all) : undefined;
        if (random.percent(40) || ref === undefined || any === undefined) {
          const { seq } = await client.say(`text ${all.length}`, { re: any });
          mine.push(seq);
          all.push(seq);
          return seq;
        }
        if (random.percent(40)) {
          return (await client.edit(ref, `edit ${random.between(0, 99)}`)).seq;
        }
        if (random.percent(80)) {
          return (await client.react(any, random.pick(EMOJI), random.percent(70))).seq;
        }
        mine.splice(mine.indexOf(ref), 1);
        return (await client.remove(ref))!.seq;
      };
      const messages = new Messages();
      let since = "0";
      let newest = 0;
      for (let turn = 0; turn < 8; turn++) {
        await using reader = joinOver(via, server, { since });
        // Some of it happens before it is there, and some while it reads.
        const doing = (async () => {
          for (let step = 0; step < 8; step++) {
            const done = await Promise.allSettled([act(ann), act(bob)]);
            for (const one of done) {
              // Of a message that the other has deleted meanwhile.
              if (one.status === "rejected") assert(one.reason instanceof Refusal, one.reason);
              else newest = Math.max(newest, one.value);
            }
          }
        })();
        if (random.percent(50)) await doing;
        const upTo = random.between(newest / 2, newest);
        await Promise.all([doing, showUntil(reader, upTo, messages)]);
        since = reader.cursor!;
        // A page of history is read in between, and is newer than what has come.
        if (random.percent(50)) messages.add(await readHistory(server));
      }
      await using reader = joinOver(via, server, { since });
      const { seq } = await ann.say("the last");
      await showUntil(reader, seq, messages);
      const history = await readHistory(server);
      assertEquals(history.map(({ seq }) => messages.get(seq)), history, `seed ${seed}`);
      assert(history.some(({ deleted }) => deleted) && history.some(({ reactions }) => reactions));
    }
  });
}

Deno.test("a file is uploaded, said, and told with its message; over TCP there is no way for one", async () => {
  await using server = await TestServer.open();
  await using client = joinOver("websocket", server, { name: "ann" });
  const told: number[] = [];
  const bytes = new TextEncoder().encode("a".repeat(300_000));
  const onProgress = (sent: number) => told.push(sent);
  const file = await client.upload("notes.txt", new Blob([bytes]), { onProgress });
  assertEquals([file.name, file.size, file.type], ["notes.txt", 300_000, "text/plain"]);
  assertEquals(told.at(-1), 300_000);
  const { seq } = await client.say("", { files: [file] });
  const messages = new Messages();
  await showUntil(client, seq, messages);
  assertEquals(messages.get(seq)?.files, [file]);
  assertEquals((await client.upload("again.txt", bytes)).id, file.id, "the same bytes");

  const cancel = new AbortController();
  const why = new Error("it is not wanted any more");
  const { signal } = cancel;
  const endless = new ReadableStream({
    pull: (controller) => controller.enqueue(new Uint8Array(1000)),
  });
  await assertRejects(
    () => client.upload("endless", endless, { signal, onProgress: () => cancel.abort(why) }),
    Error,
    why.message,
  );
  await using tcp = joinOver("tcp", server, { name: "bob" });
  await assertRejects(() => tcp.upload("notes.txt", bytes), NotConnected, "over HTTP");
  await client.leave();
  await assertRejects(() => client.upload("notes.txt", bytes), NotConnected);
});
