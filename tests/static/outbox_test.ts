import { assertEquals } from "@std/assert";
import { ApiError } from "../../static/connection/api.ts";
import { Outbox, type OutgoingMessage } from "../../static/connection/outbox.ts";
import { FakeStorage } from "../support/fakes.ts";

/** A server that answers as it is told, and otherwise stores. */
class FakeServer {
  readonly stored: { id: string; text: string }[] = [];
  /** What the next posts are answered with. */
  readonly errors: ApiError[] = [];
  readonly post = (message: { id: string; text: string }): Promise<number> => {
    const error = this.errors.shift();
    if (error) return Promise.reject(error);
    this.stored.push(message);
    return Promise.resolve(this.stored.length);
  };
  get texts(): string[] {
    return this.stored.map(({ text }) => text);
  }
}

function openOutbox(storage = new FakeStorage()) {
  const server = new FakeServer();
  const shown: (readonly OutgoingMessage[])[] = [];
  const pauses: number[] = [];
  const outbox = new Outbox({
    post: server.post,
    changed: (drafts) => shown.push(drafts),
    storage,
    now: () => 0,
    pause: (ms) => Promise.resolve(void pauses.push(ms)),
  });
  return { outbox, server, shown, pauses, states: () => outbox.drafts.map(({ state }) => state) };
}

const NETWORK = new ApiError("network", "");

Deno.test("what is added is sent, stays until it comes back through the log, and is gone then", async () => {
  const { outbox, server, states } = openOutbox();
  outbox.add("hi");
  await outbox.send();
  await settled();
  assertEquals([server.texts, states()], [["hi"], ["stored"]]);
  outbox.settle(server.stored[0]!.id);
  assertEquals(outbox.drafts, []);
});

Deno.test("without a connection it waits, and goes out in the order it was written", async () => {
  const { outbox, server, states } = openOutbox();
  server.errors.push(NETWORK, NETWORK, NETWORK);
  for (const text of ["one", "two", "three"]) {
    outbox.add(text);
    await settled();
  }
  assertEquals([server.texts, states()], [[], ["waiting", "waiting", "waiting"]]);
  await outbox.send();
  assertEquals(server.texts, ["one", "two", "three"]);
});

Deno.test("a reload finds what was not stored, under the id it was given first", async () => {
  const storage = new FakeStorage();
  const before = openOutbox(storage);
  before.outbox.add("stored");
  await settled();
  before.server.errors.push(NETWORK);
  before.outbox.add("not stored");
  await settled();
  const { id } = before.outbox.drafts[1]!;
  const after = openOutbox(storage);
  await after.outbox.send();
  assertEquals(after.server.stored, [{ id, text: "not stored" }]);
});

Deno.test("who is told to wait waits as long as told, and then tries again by itself", async () => {
  const { outbox, server, pauses } = openOutbox();
  server.errors.push(new ApiError("rate_limited", "", 2), new ApiError("unavailable", "", 5));
  outbox.add("hi");
  await outbox.send();
  await settled();
  assertEquals([server.texts, pauses], [["hi"], [2000, 5000]]);
});

Deno.test("while it waits it tells why, and no longer when it has gone through", async () => {
  const { outbox, server, shown } = openOutbox();
  server.errors.push(new ApiError("rate_limited", "", 2));
  outbox.add("hi");
  await settled();
  assertEquals(shown.map(([draft]) => [draft!.state, draft!.code]), [
    ["waiting", undefined],
    ["waiting", "rate_limited"],
    ["stored", undefined],
  ]);
});

Deno.test("what is refused for good keeps its reason and holds up nobody; it can be retried", async () => {
  const { outbox, server, states } = openOutbox();
  server.errors.push(new ApiError("too_long", ""));
  outbox.add("long");
  outbox.add("short");
  await settled();
  assertEquals([server.texts, states()], [["short"], ["failed", "stored"]]);
  assertEquals(outbox.drafts[0]!.code, "too_long");
  outbox.retry(outbox.drafts[0]!.id);
  await settled();
  assertEquals(server.texts, ["short", "long"]);
});

Deno.test("what another tab has written is not lost by what this one writes", async () => {
  const storage = new FakeStorage();
  const [here, there] = [openOutbox(storage), openOutbox(storage)];
  for (const { server } of [here, there]) server.errors.push(NETWORK, NETWORK);
  here.outbox.add("here");
  there.outbox.add("there");
  await settled();
  here.outbox.discard(here.outbox.drafts[0]!.id);
  assertEquals(openOutbox(storage).outbox.drafts.map(({ text }) => text), ["there"]);
});

Deno.test("a storage that holds nonsense is an empty one", () => {
  for (const nonsense of ["", "{", "null", "1", `[1,null,{"id":1}]`]) {
    const storage = new FakeStorage();
    storage.setItem("partyline.outbox", nonsense);
    assertEquals(openOutbox(storage).outbox.drafts, []);
  }
});

/** All that was waiting for a promise has gone on. */
function settled(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve));
}
