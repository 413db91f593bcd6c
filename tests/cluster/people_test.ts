import { assert, assertEquals, assertRejects } from "@std/assert";
import { Refusal } from "../../lib/model/refusal.ts";
import { GRACE_MS, LEASE_MS, Town } from "./town.ts";

Deno.test("who comes in at one node is told at all, and who leaves", async () => {
  await using town = new Town();
  const [a, b] = await town.nodesOf(2);
  const ann = await a!.come("ann");
  await b!.come("bob");
  await town.pass(10);
  for (const node of [a!, b!]) {
    assertEquals(node.names, ["ann", "bob"]);
    assertEquals(node.take(), [
      { type: "join", name: "ann", count: 1 },
      { type: "join", name: "bob", count: 2 },
    ]);
  }
  ann.leave(true);
  await town.pass(10);
  for (const node of [a!, b!]) {
    assertEquals(node.take(), [{ type: "leave", name: "ann", count: 1 }]);
    assertEquals(node.names, ["bob"]);
  }
});

Deno.test("who comes back within the grace, at whatever node, has not left", async () => {
  await using town = new Town();
  const [a, b] = await town.nodesOf(2);
  const ann = await a!.come("ann");
  await town.pass(10);
  ann.leave();
  await town.pass(GRACE_MS / 2);
  await b!.come("ann");
  await town.pass(2 * GRACE_MS);
  for (const node of [a!, b!]) {
    assertEquals(node.take(), [{ type: "join", name: "ann", count: 1 }]);
    assertEquals(node.names, ["ann"]);
  }
});

Deno.test("one session at two nodes is one person, until its last connection ends", async () => {
  await using town = new Town();
  const [a, b] = await town.nodesOf(2);
  const here = await a!.come("s", "ann");
  const there = await b!.come("s", "annabel");
  assertEquals([here.name, there.name], ["ann", "ann"]);
  await b!.come("bob");
  await town.pass(10);
  const counts = [a!, b!].map(({ room: { people } }) => [people.count, people.countHere]);
  assertEquals(counts, [[2, 1], [2, 2]]);
  b!.room.people.leave("bob", true);
  await town.pass(10);
  a!.take();
  b!.take();
  here.leave(true);
  await town.pass(10);
  assertEquals([a!.names, b!.names], [["ann"], ["ann"]]);
  there.leave(true);
  await town.pass(10);
  for (const node of [a!, b!]) {
    assertEquals(node.take().map(({ type }) => type), ["leave"]);
    assertEquals(node.names, []);
  }
});

Deno.test("one name wished for at all nodes in the same moment is one session's", async () => {
  await using town = new Town();
  const nodes = await town.nodesOf(3);
  await Promise.all(nodes.map((node, n) => node.come(`s${n}`, "ann")));
  await town.pass(10);
  for (const node of nodes) {
    assertEquals(node.names, ["ann", "ann2", "ann3"]);
    assertEquals(node.take().map(({ type }) => type), ["join", "join", "join"]);
  }
});

Deno.test("a session that comes in at two nodes at once under two names has one", async () => {
  await using town = new Town();
  const [a, b] = await town.nodesOf(2);
  await town.until(Promise.all([
    a!.room.people.arrive("s", "bob"),
    b!.room.people.arrive("s", "ann"),
  ]));
  const [here, there] = [a!.visit("s", "bob"), b!.visit("s", "ann")];
  await town.pass(3000);
  assertEquals([here.name, there.name], ["ann", "ann"]);
  assertEquals([a!.names, b!.names], [["ann"], ["ann"]]);
  assert(!a!.room.people.taken("bob"), "the other name is free");
  await town.until(here.post({ text: "mine" }));
  await town.until(there.post({ text: "mine" }));
});

Deno.test("who is renamed while they come in at two nodes is called the same at both", async () => {
  await using town = new Town();
  const [a, b] = await town.nodesOf(2);
  const arriving = [b!.room.people.arrive("s", "cy"), a!.room.people.arrive("s", "ann")];
  arriving[0]!.then(() => b!.visit("s", "cy"));
  arriving[1]!.then(() => a!.visit("s", "ann"));
  await town.pass(1);
  await town.until(Promise.all([b!.room.people.rename("s", "cy"), ...arriving]));
  await town.pass(3000);
  assertEquals([a!.names, b!.names], [["cy"], ["cy"]]);
});

Deno.test("a rename holds at all nodes, and the name before is free", async () => {
  await using town = new Town();
  const [a, b] = await town.nodesOf(2);
  const ann = await a!.come("ann");
  const again = await b!.come("ann");
  const bob = await b!.come("bob");
  await town.pass(10);
  a!.take();
  b!.take();
  const renaming = ann.rename("cy")!;
  const receipt = ann.post({ text: "under the new name" });
  await town.until(renaming);
  await town.until(receipt);
  assertEquals((await a!.log.readMessages({ after: 0, limit: 9 })).map(({ from }) => from), ["cy"]);
  await town.pass(10);
  for (const node of [a!, b!]) {
    assertEquals(node.take(), [{ type: "rename", from: "ann", name: "cy" }]);
    assertEquals(node.names, ["bob", "cy"]);
  }
  assertEquals(again.name, "cy");
  await assertRejects(async () => await town.until(Promise.resolve(bob.rename("CY"))), Refusal);
  await town.until(bob.rename("ann")!);
  await town.pass(10);
  assertEquals([a!.names, b!.names], [["ann", "cy"], ["ann", "cy"]]);
  ann.leave(true);
  again.leave(true);
  await town.pass(10);
  assertEquals([a!.names, b!.names], [["ann"], ["ann"]]);
});

Deno.test("two who want the same new name in one moment: one has it, one is told", async () => {
  await using town = new Town();
  const [a, b] = await town.nodesOf(2);
  const [ann, bob] = [await a!.come("ann"), await b!.come("bob")];
  await town.pass(10);
  const outcomes = await town.until(
    Promise.allSettled([ann.rename("cy")!, bob.rename("cy")!]),
  );
  assertEquals(outcomes.map(({ status }) => status).sort(), ["fulfilled", "rejected"]);
  const { reason } = outcomes.find(({ status }) => status === "rejected") as PromiseRejectedResult;
  assert(reason instanceof Refusal && reason.code === "name_taken");
  await town.pass(10);
  assertEquals(a!.names, b!.names);
  assertEquals(a!.names.length, 2);
});

Deno.test("a node that dies takes its people with it, once, and their names are free", async () => {
  await using town = new Town();
  const [a, b, c] = await town.nodesOf(3);
  await a!.come("ann");
  await a!.come("both");
  await b!.come("both");
  await b!.come("bob");
  await town.pass(10);
  b!.take();
  c!.take();
  a!.kill();
  await town.pass(LEASE_MS / 2);
  assertEquals(b!.take(), []);
  await town.pass(LEASE_MS);
  for (const node of [b!, c!]) {
    assertEquals(node.take(), [{ type: "leave", name: "ann", count: 2 }]);
    assertEquals(node.names, ["bob", "both"]);
  }
  const other = await c!.come("other", "ann");
  assertEquals(other.name, "ann");
  await town.pass(10);
  const keys = town.network.tables.get("lobby-names")!.keys.sort();
  assertEquals(keys, ["ann", "bob", "both"]);
});

Deno.test("who was at a node that died and comes in at another has not left", async () => {
  await using town = new Town();
  const [a, b] = await town.nodesOf(2);
  await a!.come("ann");
  await town.pass(10);
  a!.kill();
  await town.pass(1000);
  assertEquals((await b!.come("ann")).name, "ann");
  await town.pass(2 * LEASE_MS);
  assertEquals(b!.take(), [{ type: "join", name: "ann", count: 1 }]);
});

Deno.test("a node that ends says so: its people have the grace to come in elsewhere", async () => {
  await using town = new Town();
  const [a, b] = await town.nodesOf(2);
  await a!.come("ann");
  await a!.come("bob");
  await town.pass(10);
  b!.take();
  await town.until(a!.cluster[Symbol.asyncDispose]());
  await town.pass(1000);
  await b!.come("ann");
  assertEquals(b!.take(), []);
  await town.pass(GRACE_MS);
  assertEquals(b!.take(), [{ type: "leave", name: "bob", count: 1 }]);
});

Deno.test("a node that was away for too long has its people back, but for names that went", async () => {
  await using town = new Town();
  const [a, b] = await town.nodesOf(2);
  const ann = await a!.come("ann");
  await a!.come("bob");
  await town.pass(10);
  a!.bus.connected = false;
  await town.pass(2 * LEASE_MS);
  assertEquals(b!.names, []);
  assertEquals(a!.names, ["ann", "bob"], "who is at this node is here");
  await b!.come("other", "ann");
  await town.pass(10);
  a!.take();
  b!.take();
  a!.bus.connected = true;
  await town.pass(3000);
  assertEquals([a!.names, b!.names], [["ann", "ann2", "bob"], ["ann", "ann2", "bob"]]);
  assertEquals(ann.name, "ann2");
  assertEquals(a!.take().filter(({ type }) => type === "rename"), [
    { type: "rename", from: "ann", name: "ann2" },
  ]);
  assertEquals(b!.take().map(({ type }) => type), ["join", "join"]);
  await town.until(ann.post({ text: "I am here again" }));
});

Deno.test("without NATS people come in and read, may be renamed later, and cannot be till then", async () => {
  await using town = new Town();
  const [a, b] = await town.nodesOf(2);
  const old = await a!.come("old");
  await town.pass(10);
  a!.bus.connected = false;
  b!.bus.connected = false;
  const [here, there] = [await a!.come("s1", "ann"), await b!.come("s2", "ann")];
  assertEquals([here.name, there.name], ["ann", "ann"]);
  const posting = await assertRejects(() => town.until(here.post({ text: "?" })), Refusal);
  assertEquals([posting.code, posting.retryAfter], ["unavailable", 1]);
  const renaming = await assertRejects(() => town.until(old.rename("new")!), Refusal);
  assertEquals([renaming.code, old.name], ["unavailable", "old"]);
  old.leave(true);
  await town.pass(10);
  assertEquals([a!.names, b!.names], [["ann"], ["ann", "old"]]);
  a!.bus.connected = true;
  b!.bus.connected = true;
  await town.pass(3000);
  assertEquals([a!.names, b!.names], [["ann", "ann2"], ["ann", "ann2"]]);
  assert(here.name !== there.name);
  await town.until(here.post({ text: "now" }));
  await town.until(there.post({ text: "now" }));
});

Deno.test("who is announced and does not come has left after the grace", async () => {
  await using town = new Town();
  const [a, b] = await town.nodesOf(2);
  await town.until(a!.room.people.arrive("ann", "ann"));
  await town.pass(10);
  assertEquals(b!.names, ["ann"]);
  await town.pass(GRACE_MS);
  assertEquals([a!.names, b!.names], [[], []]);
});

Deno.test("typing is told at all nodes, once", async () => {
  await using town = new Town();
  const [a, b] = await town.nodesOf(2);
  const ann = await a!.come("ann");
  await town.pass(10);
  a!.take();
  b!.take();
  ann.typing();
  await town.pass(10);
  for (const node of [a!, b!]) assertEquals(node.take(), [{ type: "typing", name: "ann" }]);
});

Deno.test("people who stay cost a node one write in five seconds, however many they are", async () => {
  await using town = new Town();
  const [a, b] = await town.nodesOf(2);
  const coming = Array.from({ length: 300 }, (_, n) => a!.room.people.arrive(`s${n}`, "ann"));
  await town.until(Promise.all(coming));
  for (let n = 0; n < 300; n++) a!.visit(`s${n}`);
  await town.pass(1100);
  assertEquals([a!.room.people.count, b!.room.people.count], [300, 300]);
  const before = a!.bus.writes;
  await town.pass(60_000);
  assert(a!.bus.writes - before <= 13, `${a!.bus.writes - before} writes in a minute`);
  assertEquals(b!.room.people.count, 300);
  // For much longer than a row lasts that is not written again.
  for (let n = 0; n < 3 * 60; n++) await town.pass(60_000);
  assertEquals(town.network.tables.get("lobby-names")!.keys.length, 300);
});
