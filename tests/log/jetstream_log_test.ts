import { natsHere, NatsServer, natsTest } from "../support/nats.ts";
import { createStream } from "./jetstream/stores.ts";
import { logContract } from "./log_contract.ts";

/** One for all tests of this file: each has a stream of its own. */
const nats = natsHere().found ? await NatsServer.start() : undefined;

Deno.test.afterAll(async () => await nats?.[Symbol.asyncDispose]());

logContract("JetStream", {
  create: () => Promise.resolve(createStream(() => nats!.connect())),
  test: natsTest,
});
