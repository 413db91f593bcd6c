import { assertEquals } from "@std/assert";
import { HttpServer } from "../../lib/http/server.ts";
import { ManualClock, settle } from "../support/manual_clock.ts";

/** Servers that end when a test says so. */
function fakeServe() {
  const started: { port: number; finished: PromiseWithResolvers<void>; stopped: boolean }[] = [];
  let refusal: Error | undefined;
  return {
    started,
    refuse: (error: Error | undefined) => refusal = error,
    serve({ port }: { hostname: string; port: number }) {
      if (refusal) throw refusal;
      const one = { port: port || 4321, finished: Promise.withResolvers<void>(), stopped: false };
      started.push(one);
      return {
        addr: { transport: "tcp", hostname: "127.0.0.1", port: one.port },
        finished: one.finished.promise,
        shutdown() {
          one.stopped = true;
          one.finished.resolve();
          return Promise.resolve();
        },
      } as unknown as Deno.HttpServer<Deno.NetAddr>;
    },
  };
}

function open() {
  const clock = new ManualClock();
  const fake = fakeServe();
  const reports: string[] = [];
  const server = new HttpServer({ hostname: "127.0.0.1", port: 0 }, {
    handler: () => new Response(),
    report: (what) => reports.push(what),
    clock,
    serve: fake.serve,
  });
  return { server, clock, fake, reports };
}

Deno.test("a server that ends is told of, and started again on the same port", async () => {
  const { server, clock, fake, reports } = open();
  fake.started[0]!.finished.reject(new Error("too many open files"));
  await settle();
  assertEquals(reports, ["the HTTP server ended; it is started again"]);
  assertEquals(fake.started.length, 1, "not before some descriptors have been given back");
  clock.advance(500);
  assertEquals(fake.started.map(({ port }) => port), [4321, 4321]);
  await server.shutdown();
  assertEquals(fake.started.map(({ stopped }) => stopped), [false, true], "the one that serves");
});

Deno.test("where it cannot be started again, it is tried until it can", async () => {
  const { server, clock, fake, reports } = open();
  fake.started[0]!.finished.reject(new Error("too many open files"));
  await settle();
  fake.refuse(new Error("still too many"));
  clock.advance(1000);
  assertEquals(fake.started.length, 1);
  assertEquals(reports.slice(1), Array(2).fill("the HTTP server cannot be started again yet"));
  fake.refuse(undefined);
  clock.advance(500);
  assertEquals(fake.started.length, 2);
  await server.shutdown();
});

Deno.test("after a shutdown nothing is started again", async () => {
  const { server, clock, fake } = open();
  fake.started[0]!.finished.reject(new Error("too many open files"));
  await settle();
  await server.shutdown();
  clock.advance(5000);
  assertEquals(fake.started.length, 1);
});
