import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import type { Notice } from "../../lib/model/events.ts";
import { Refusal } from "../../lib/model/refusal.ts";
import { nameKey } from "../../lib/names/mod.ts";
import type { Visit } from "../../lib/room/visit.ts";
import { LEASE_MS, Town } from "./town.ts";

const NODES = 3;

const node = fc.nat(NODES - 1);
const session = fc.constantFrom("s1", "s2", "s3");
const name = fc.constantFrom("ann", "Ann", "bob", "cy");
const operation = fc.oneof(
  { weight: 6, arbitrary: fc.record({ type: fc.constant("come" as const), node, session, name }) },
  {
    weight: 4,
    arbitrary: fc.record({ type: fc.constant("rename" as const), node, session, name }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      type: fc.constant("leave" as const),
      node,
      session,
      goodbye: fc.boolean(),
    }),
  },
  { weight: 1, arbitrary: fc.record({ type: fc.constant("cut" as const), node }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant("mend" as const), node }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant("kill" as const), node }) },
  {
    weight: 4,
    arbitrary: fc.record({ type: fc.constant("wait" as const), ms: fc.constantFrom(1, 5, 6000) }),
  },
);

/** Who is here according to what was told: a client's view. */
function believed(said: readonly Notice[]): string[] {
  const names = new Set<string>();
  for (const notice of said) {
    if (notice.type === "join") {
      assert(!names.has(notice.name), `${notice.name} joins twice`);
      names.add(notice.name);
    }
    if (notice.type === "leave") assert(names.delete(notice.name), `${notice.name} was not here`);
    if (notice.type === "rename") assert(names.delete(notice.from) && names.add(notice.name));
    if (notice.type === "join" || notice.type === "leave") assertEquals(notice.count, names.size);
  }
  return [...names].sort();
}

Deno.test("whatever people and nodes do, in the end all nodes agree on who is here", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(operation, { maxLength: 25 }), async (operations) => {
      await using town = new Town();
      const nodes = await town.nodesOf(NODES);
      const said = nodes.map((): Notice[] => []);
      const visits = nodes.map(() => new Map<string, Visit[]>());
      const going: Promise<unknown>[] = [];
      const checkHere = () => {
        for (const [n, each] of nodes.entries()) {
          said[n]!.push(...each.take());
          const { names } = each;
          assertEquals(believed(said[n]!), names, `node ${n}`);
          assertEquals(new Set(names.map(nameKey)).size, names.length, "two of one name");
        }
      };
      for (const op of operations) {
        if (op.type === "wait") await town.pass(op.ms);
        else {
          const at = nodes[op.node]!;
          const here = visits[op.node]!;
          if (at.bus.dead) continue;
          if (op.type === "come") {
            going.push(
              at.room.people.arrive(op.session, op.name).then(() => {
                if (at.bus.dead) return;
                const visit = at.visit(op.session, op.name);
                here.set(op.session, [...here.get(op.session) ?? [], visit]);
              }),
            );
          } else if (op.type === "leave") here.get(op.session)?.pop()?.leave(op.goodbye);
          else if (op.type === "rename") {
            try {
              going.push(
                at.room.people.rename(op.session, op.name)?.catch(onRefusal) ?? true as never,
              );
            } catch (error) {
              onRefusal(error);
            }
          } else if (op.type === "cut") at.bus.connected = false;
          else if (op.type === "mend") at.bus.connected = true;
          else at.kill();
        }
        checkHere();
      }
      for (const { bus } of nodes) if (!bus.dead) bus.connected = true;
      await town.pass(6000);
      await town.pass(2 * LEASE_MS);
      await town.pass(6000);
      checkHere();
      const alive = nodes.map((each, n) => ({ each, n })).filter(({ each }) => !each.bus.dead);
      const here = new Set(
        alive.flatMap(({ n }) =>
          [...visits[n]!].filter(([, open]) => open.length > 0).map(([session]) => session)
        ),
      );
      for (const { each } of alive) {
        const { people } = each.room;
        assertEquals(people.count, here.size);
        for (const session of here) {
          assertEquals(people.find(session)?.name, alive[0]!.each.room.people.find(session)!.name);
          people.checkName(session);
        }
      }
      if (alive.length > 0) {
        const keys = town.network.tables.get("lobby-names")!.keys.sort();
        const [{ each }] = alive as [typeof alive[0]];
        assertEquals(keys, each.names.map(nameKey).sort());
      }
    }),
    { numRuns: 150 },
  );
});

function onRefusal(error: unknown): void {
  assert(error instanceof Refusal, String(error));
}
