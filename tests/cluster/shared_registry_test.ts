import { assertEquals } from "@std/assert";
import { Cluster } from "../../lib/cluster/mod.ts";
import { HouseRules } from "../../lib/moderation/mod.ts";
import { HeldNameTable, Registry, SignInTable } from "../../lib/registry/mod.ts";
import type { Taken } from "../../lib/registry/mod.ts";
import { HeldNames } from "../../lib/room/identity/held_names.ts";
import type { MemoryBus } from "../support/memory_bus.ts";
import type { ManualClock } from "../support/manual_clock.ts";
import { Town } from "./town.ts";

const HOLD_MS = 60_000;

/** What a node remembers, shared with others. */
class Memory implements AsyncDisposable {
  readonly registry: Registry;
  readonly rules: HouseRules;
  readonly held: HeldNames;
  readonly signIns: SignInTable;
  readonly told: string[] = [];
  readonly #cluster: Cluster;

  constructor(cluster: Cluster, clock: ManualClock, path: string) {
    this.#cluster = cluster;
    this.registry = new Registry(path, clock, (_what, error) => {
      throw error;
    });
    this.rules = new HouseRules(this.registry, clock);
    this.rules.measures.onTaken = ({ name }, isEnded) => this.told.push(`${name} ${isEnded}`);
    this.rules.onOperators = () => this.told.push("operators");
    this.rules.onKick = ({ name }) => this.told.push(`kick ${name}`);
    const table = new HeldNameTable(this.registry);
    this.held = new HeldNames({ clock, holdMs: HOLD_MS, table, addressKey: String });
    this.signIns = new SignInTable(this.registry);
  }

  get muted(): string[] {
    return this.rules.measures.all("mute").map(({ number, name }) => `${number} ${name}`);
  }

  mute(name: string): number {
    const taken: Taken = {
      type: "mute",
      name,
      key: name,
      session: undefined,
      addresses: ["192.0.2.1"],
      by: "op",
      reason: "",
      at: name.charCodeAt(0),
      until: undefined,
    };
    return this.registry.now(() => this.rules.measures.add(taken)).number;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#cluster[Symbol.asyncDispose]();
    this.registry[Symbol.dispose]();
  }
}

class Memories extends Town {
  async memory(path = ":memory:", bus: MemoryBus = this.network.bus()): Promise<Memory> {
    const { clock } = this;
    const report = (what: string, error?: unknown) => {
      throw new Error(what, { cause: error });
    };
    const cluster = await this.until(Cluster.open({ bus, name: "lobby", clock, report }));
    const memory = new Memory(cluster, clock, path);
    await this.until(cluster.shareRegistry(memory.registry.sharing));
    return memory;
  }
}

Deno.test("what was remembered before there were other nodes is shared, and what they remember", async () => {
  await using town = new Memories();
  const a = await town.memory();
  a.mute("bob");
  a.rules.operators.add({ session: "s-op", name: "op", key: "op", at: 1 });
  a.held.hold("ann", { session: "s-ann", address: "x" });
  await town.pass(2000);
  const b = await town.memory();
  await town.pass(10);
  assertEquals(b.muted, ["1 bob"]);
  assertEquals(b.rules.isOperator("s-op"), true);
  assertEquals(b.held.find("ann")?.session, "s-ann");
  assertEquals([a.told, b.told], [[], ["bob false", "operators"]]);
  for (const each of [a, b]) await town.until(each[Symbol.asyncDispose]());
});

Deno.test("a measure that is ended at another node is ended, and restored it holds again", async () => {
  await using town = new Memories();
  const [a, b] = [await town.memory(), await town.memory()];
  a.mute("bob");
  await town.pass(10);
  b.registry.now(() => b.rules.measures.end(1));
  await town.pass(10);
  assertEquals([a.muted, b.muted], [[], []]);
  a.registry.now(() => a.rules.measures.restore(1));
  await town.pass(10);
  assertEquals([a.muted, b.muted], [["1 bob"], ["1 bob"]]);
  assertEquals([a.told, b.told], [["bob true"], ["bob false", "bob false"]]);
  for (const each of [a, b]) await town.until(each[Symbol.asyncDispose]());
});

Deno.test("what was done while NATS was away holds at all nodes once it is back", async () => {
  await using town = new Memories();
  const [a, b] = [await town.memory(), await town.memory()];
  const [atA, atB] = town.network.buses;
  atA!.connected = false;
  atB!.connected = false;
  a.mute("ann");
  b.mute("bob");
  b.rules.operators.add({ session: "s-op", name: "op", key: "op", at: 1 });
  b.signIns.end({ session: "s1", id: "one", at: 5 }, ["one"]);
  await town.pass(5000);
  assertEquals([a.muted, b.muted], [["1 ann"], ["1 bob"]]);
  atA!.connected = true;
  atB!.connected = true;
  await town.pass(5000);
  // Each keeps the number that it has told its operators.
  assertEquals([a.muted, b.muted], [["1 ann", "2 bob"], ["1 bob", "2 ann"]]);
  assertEquals(a.rules.isOperator("s-op"), true);
  assertEquals(a.signIns.ended(), [{ session: "s1", id: "one", at: 5 }]);
  b.rules.operators.remove({ session: "s-op", name: "op", key: "op", at: 1 });
  await town.pass(10);
  assertEquals([a, b].map(({ rules }) => rules.isOperator("s-op")), [false, false]);
  for (const each of [a, b]) await town.until(each[Symbol.asyncDispose]());
});

Deno.test("a node that starts again takes what it missed, and nothing twice", async () => {
  await using town = new Memories();
  const path = await Deno.makeTempFile({ prefix: "partyline-" });
  const [a, b] = [await town.memory(), await town.memory(path)];
  a.mute("bob");
  await town.pass(10);
  await town.until(b[Symbol.asyncDispose]());
  a.registry.now(() => a.rules.measures.end(1));
  a.mute("eve");
  await town.pass(10);
  const again = await town.memory(path);
  await town.pass(10);
  assertEquals(again.muted, ["2 eve"]);
  assertEquals(again.told, ["bob true", "eve false"]);
  const before = again.registry.version;
  await town.pass(60_000);
  assertEquals(again.registry.version, before);
  for (const each of [a, again]) await town.until(each[Symbol.asyncDispose]());
  await Deno.remove(path);
});

Deno.test("a kick keeps somebody out at all nodes, and for no longer than at the first", async () => {
  await using town = new Memories();
  const [a, b] = [await town.memory(), await town.memory()];
  const until = town.clock.now() + 60_000;
  a.rules.kick("s-bob", "bob", { type: "kick", until });
  await town.pass(10);
  assertEquals(b.told, ["kick bob"]);
  const bob = { session: "s-bob", address: undefined, name: "bob" };
  assertEquals(b.rules.removalOf(bob), { type: "kick", until });
  a.rules.forgive("bob");
  await town.pass(10);
  assertEquals(b.rules.removalOf(bob), undefined);
  for (const each of [a, b]) await town.until(each[Symbol.asyncDispose]());
});
