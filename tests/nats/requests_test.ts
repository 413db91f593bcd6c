import { assertEquals, assertRejects } from "@std/assert";
import { systemClock } from "../../lib/base/clock.ts";
import { type Nats, Requests } from "../../lib/nats/mod.ts";
import { NatsServer, natsTest } from "../support/nats.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Asks on `subject`; resolves with the text of the answer. */
function asking(nats: Nats): (subject: string, text: string, timeout?: number) => Promise<string> {
  const requests = new Requests(nats.core, systemClock);
  return async (subject, text, timeout = 10_000) => {
    return decoder.decode(await requests.request(subject, encoder.encode(text), { timeout }));
  };
}

natsTest("each request gets its own answer, in whatever order they come", async () => {
  await using server = await NatsServer.start();
  await using nats = await server.connect();
  const answers: (() => void)[] = [];
  nats.core.subscribe("echo", {
    callback: (_, message) => {
      answers.unshift(() => message.respond(message.data));
      if (answers.length === 3) answers.forEach((answer) => answer());
    },
  });
  const ask = asking(nats);
  const texts = ["one", "two", "three"];
  assertEquals(await Promise.all(texts.map((text) => ask("echo", text))), texts);
});

natsTest("a request rejects where nobody is there, and where nobody answers in time", async () => {
  await using server = await NatsServer.start();
  await using nats = await server.connect();
  nats.core.subscribe("silent", { callback: () => {} });
  const ask = asking(nats);
  await assertRejects(() => ask("nobody", ""), Error, "nobody is there");
  await assertRejects(() => ask("silent", "", 10), Error, "no answer in time");
});

natsTest("requests under way reject when the connection is closed", async () => {
  await using server = await NatsServer.start();
  await using nats = await server.connect();
  nats.core.subscribe("silent", { callback: () => {} });
  const asked = assertRejects(() => asking(nats)("silent", ""), Error, "the connection is closed");
  await nats[Symbol.asyncDispose]();
  await asked;
});
