// What every transport promises is tested of each of them, and of each place where the history can be.
import { natsHere, NatsServer, natsTest } from "../../support/nats.ts";
import { type TestOptions, TestServer } from "../../support/server.ts";
import { TRANSPORTS } from "../clients/all.ts";
import type { Transport } from "../clients/client.ts";

/** How long somebody without a goodbye counts as here: longer than from one poll to the next. */
export const GRACE_MS = 150;

/** Where the room's history is: nobody can tell by what is said to clients. */
interface Room {
  readonly on: string;
  readonly test: (name: string, fn: () => Promise<void>) => void;
  open(options: TestOptions): Promise<TestServer>;
}

const nats = natsHere().found ? await NatsServer.start() : undefined;
let streams = 0;

Deno.test.afterAll(async () => await nats?.[Symbol.asyncDispose]());

export const ROOMS: readonly Room[] = [
  { on: "", test: Deno.test, open: (options) => TestServer.open(options) },
  {
    on: " on JetStream",
    test: natsTest,
    open: (options) => {
      const cluster = { ...nats!.options, stream: `room-${++streams}`, replicas: 1 };
      return TestServer.open({ ...options, cluster });
    },
  },
];

/** One promise, of each transport and each room, or of those that `only` takes. */
export function contract(
  promise: string,
  test: (transport: Transport, server: TestServer) => Promise<void>,
  only: (transport: Transport) => boolean = () => true,
): void {
  for (const room of ROOMS) {
    for (const transport of TRANSPORTS.filter(only)) {
      room.test(`${transport.name}${room.on}: ${promise}`, async () => {
        await using server = await room.open({ graceMs: GRACE_MS });
        await test(transport, server);
      });
    }
  }
}

/** The line protocol has no tokens, ids or cursors of its own connections. */
export const hasTokens = ({ form }: Transport): boolean => form !== "lines";
