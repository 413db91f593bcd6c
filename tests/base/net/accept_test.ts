import { assert, assertEquals, assertRejects } from "@std/assert";
import { acceptLoop } from "../../../lib/base/net/accept.ts";
import { ManualClock, settle } from "../../support/manual_clock.ts";

const LOCAL = { hostname: "127.0.0.1", port: 0 };

/** A listener whose accept fails as often as it is told to, and then works. */
function failingFirst(errors: Error[]): Deno.TcpListener {
  const listener = Deno.listen(LOCAL);
  const accept = listener.accept.bind(listener);
  listener.accept = () => errors.length > 0 ? Promise.reject(errors.shift()) : accept();
  return listener;
}

async function connect(listener: Deno.TcpListener): Promise<Deno.TcpConn> {
  return await Deno.connect({ ...LOCAL, port: listener.addr.port });
}

Deno.test("out of file descriptors, accepting rests and then goes on, and says so once", async () => {
  const outOfFiles = () => new Error("Too many open files (os error 24)");
  const listener = failingFirst([outOfFiles(), outOfFiles(), outOfFiles()]);
  const controller = new AbortController();
  const clock = new ManualClock();
  const reports: string[] = [];
  const accepted = Promise.withResolvers<void>();
  const loop = acceptLoop(listener, () => Promise.resolve(accepted.resolve()), {
    signal: controller.signal,
    clock,
    random: () => 1,
    report: (what) => reports.push(what),
  });
  using _client = await connect(listener);
  for (const waitMs of [40, 80, 160]) {
    await settle();
    assertEquals(clock.pending, 1, "it waits before it tries again");
    clock.advance(waitMs - 1);
    assertEquals(clock.pending, 1);
    clock.advance(1);
  }
  await accepted.promise;
  assertEquals(reports, ["cannot accept connections for now"]);
  controller.abort();
  await loop;
});

Deno.test("a handler that throws ends its own connection and no other", async () => {
  const listener = Deno.listen(LOCAL);
  const controller = new AbortController();
  const reports: unknown[] = [];
  let count = 0;
  const loop = acceptLoop(listener, async (conn) => {
    if (++count === 1) throw new TypeError("a defect");
    if (count === 2) throw new Deno.errors.ConnectionReset();
    await conn.write(new Uint8Array([7]));
  }, { signal: controller.signal, report: (_, error) => reports.push(error) });
  const buffer = new Uint8Array(1);
  using first = await connect(listener);
  assertEquals(await first.read(buffer), null);
  using second = await connect(listener);
  assertEquals(await second.read(buffer), null);
  using third = await connect(listener);
  assertEquals(await third.read(buffer), 1);
  assertEquals(reports.length, 1, "a mere disconnect is not reported");
  assert(reports[0] instanceof TypeError);
  controller.abort();
  await loop;
});

Deno.test("aborting refuses newcomers at once and waits for the handlers", async () => {
  const listener = Deno.listen(LOCAL);
  const controller = new AbortController();
  const started = Promise.withResolvers<void>();
  const finish = Promise.withResolvers<void>();
  let ended = false;
  const loop = acceptLoop(listener, () => {
    started.resolve();
    return finish.promise;
  }, { signal: controller.signal }).then(() => ended = true);
  using _client = await connect(listener);
  await started.promise;
  controller.abort();
  await settle();
  await assertRejects(() => connect(listener), Deno.errors.ConnectionRefused);
  assertEquals(ended, false);
  finish.resolve();
  assert(await loop);
});

Deno.test("a connection that was reset before it was accepted delays nobody", async () => {
  const { errors } = Deno;
  const resets = [new errors.NotConnected(), new errors.ConnectionAborted()];
  const listener = Deno.listen(LOCAL);
  const accept = () => {
    const error = resets.shift();
    return error ? Promise.reject(error) : listener.accept();
  };
  const controller = new AbortController();
  const reports: unknown[] = [];
  const handled = Promise.withResolvers<void>();
  const wrapped = { accept, close: () => listener.close() } as unknown as Deno.TcpListener;
  const loop = acceptLoop(wrapped, () => Promise.resolve(handled.resolve()), {
    signal: controller.signal,
    report: (_, error) => reports.push(error),
    clock: new ManualClock(), // in which no pause ever ends
  });
  using _client = await connect(listener);
  await handled.promise;
  assertEquals([resets.length, reports], [0, []]);
  controller.abort();
  await loop;
});

Deno.test("closing the listener from elsewhere ends the loop", async () => {
  const listener = Deno.listen(LOCAL);
  const loop = acceptLoop(listener, () => Promise.resolve(), {
    signal: new AbortController().signal,
  });
  listener.close();
  await loop;
});

Deno.test("the real process survives running out of file descriptors", async () => {
  const process = new Deno.Command("sh", {
    args: [
      "-c",
      'ulimit -n 40; exec "$0" run --no-prompt --allow-net --allow-env main.ts tcp --port 0',
      Deno.execPath(),
    ],
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const errors = process.stderr.pipeThrough(new TextDecoderStream()).getReader();
  const output = process.stdout.pipeThrough(new TextDecoderStream()).getReader();
  const { value = "" } = await output.read();
  const port = Number(/tcp:\/\/127\.0\.0\.1:(\d+)/.exec(value)?.[1]);
  const drained = (async () => {
    while (!(await output.read()).done);
  })();

  const clients = await Promise.all(
    Array.from({ length: 60 }, () => Deno.connect({ ...LOCAL, port })),
  );
  const { value: complaint = "" } = await errors.read();
  assert(complaint.includes("Too many open files"), complaint);
  for (const client of clients) client.close();
  using late = await Deno.connect({ ...LOCAL, port });
  await late.write(new Uint8Array([42]));
  const buffer = new Uint8Array(2);
  assertEquals(await late.read(buffer), 1);
  assertEquals(buffer[0], 42);

  process.kill("SIGTERM");
  assertEquals((await process.status).code, 0);
  await drained;
  await errors.cancel();
});
