import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import { Refusal } from "../../lib/model/refusal.ts";
import { type Arriving, Door } from "../../lib/room/door.ts";
import { Sessions } from "../../lib/room/sessions.ts";

const address = "192.0.2.7";

Deno.test("a session comes in under the name it wishes for, else its last one, else a guest's", async () => {
  const sessions = await Sessions.open(new Uint8Array(32));
  const door = new Door(sessions);
  const ann = await door.admit({ session: undefined, wished: "ann", address });
  assertEquals(ann.name, "ann");
  const session = await sessions.verify(ann.token);
  const again = await door.admit({ session, wished: undefined, address });
  assertEquals([again.id, again.name], [ann.id, "ann"]);
  const renamed = await door.admit({ session, wished: "anna", address });
  assertEquals([renamed.id, renamed.name], [ann.id, "anna"]);
  const guest = await door.admit({ session: undefined, wished: undefined, address });
  assertMatch(guest.name, /^guest-/);
});

Deno.test("what a session has proved, and its sign-in, are in every token that it gets", async () => {
  const sessions = await Sessions.open(new Uint8Array(32));
  const door = new Door(sessions);
  const session = { ...sessions.create("ann"), proof: "x7" };
  const admitted = await door.admit({ session, wished: "anna", address });
  const { signIn, proof } = (await sessions.verify(admitted.token))!;
  assertEquals([signIn, proof], [session.signIn, "x7"]);
});

Deno.test("nobody gets a token whom a guard refuses", async () => {
  const asked: Arriving[] = [];
  const door = new Door(await Sessions.open(new Uint8Array(32)), [(arriving) => {
    asked.push(arriving);
    if (arriving.name === "eve") throw new Refusal("forbidden", "not you");
  }]);
  await assertRejects(
    () => door.admit({ session: undefined, wished: "eve", address }),
    Refusal,
    "not you",
  );
  await door.admit({ session: undefined, wished: "ann", address });
  assertEquals(asked.map(({ name, address }) => [name, address]), [
    ["eve", address],
    ["ann", address],
  ]);
});
