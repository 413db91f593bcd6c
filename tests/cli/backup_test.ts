import { assertEquals, assertMatch, assertNotEquals } from "@std/assert";
import { Program } from "../support/program.ts";
import { FREE_PORTS, ServerProcess } from "../support/server.ts";
import { websocket } from "../transports/clients/websocket.ts";

Deno.test("a backup of all is a data folder of its own, in which people are recognised", async () => {
  const path = await Deno.makeTempDir();
  await using _ = { [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }) };
  const [data, saved] = [`${path}/data`, `${path}/saved`];
  let token: string;
  let epoch: string;
  {
    await using server = new ServerProcess([...FREE_PORTS, "--data", data]);
    await using ann = await websocket.join(await server.addresses(), { name: "ann" });
    token = ann.token!;
    epoch = (await ann.inbox.until("welcome")).epoch;
    await ann.say("before the backup", "the-id");
    await Deno.writeTextFile(`${data}/audit.jsonl`, '{"what":"ban"}\n');
    await using backup = new Program("backup", ["--data", data, "--all", saved]);
    assertEquals([await backup.ended(), backup.stderr.text], [0, ""]);
    assertMatch(backup.stdout.text, /^1 messages, people and the session key copied to .*saved: /);
    await ann.say("after the backup");
  }
  const modes = Array.from(
    Deno.readDirSync(saved),
    ({ name }) => `${name} ${(Deno.statSync(`${saved}/${name}`).mode! & 0o777).toString(8)}`,
  ).sort();
  assertEquals(modes, [
    "audit.jsonl 600",
    "partyline.db 600",
    "people.db 600",
    "session.key 600",
  ]);
  assertEquals(Deno.statSync(saved).mode! & 0o777, 0o700);

  await using restored = new ServerProcess([...FREE_PORTS, "--data", saved]);
  const at = await restored.addresses();
  await using ann = await websocket.join(at, { token });
  const welcome = await ann.inbox.until("welcome");
  assertEquals([welcome.name, welcome.last], ["ann", 1]);
  assertNotEquals(welcome.epoch, epoch, "what came after the backup is not in it");
  assertEquals(await ann.say("before the backup", "the-id"), { seq: 1, duplicate: true });
  assertEquals(await Deno.readTextFile(`${saved}/audit.jsonl`), '{"what":"ban"}\n');
});

Deno.test("a backup never writes over what is there, and leaves nothing half", async () => {
  const path = await Deno.makeTempDir();
  await using _ = { [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }) };
  const cases: [string, RegExp][] = [
    [path, /^partyline: cannot write the backup .*exists.*; name a folder that does not exist yet/],
    [
      `${path}/not/there`,
      /^partyline: cannot write the backup .*; name a folder that does not exist/,
    ],
    [`${path}/saved`, /^partyline: cannot open .*partyline\.db: /],
  ];
  for (const [to, why] of cases) {
    await using backup = new Program("backup", ["--data", `${path}/nothing`, "--all", to]);
    assertEquals([await backup.ended(), backup.stdout.text], [1, ""]);
    assertMatch(backup.stderr.text, why);
  }
  assertEquals(Array.from(Deno.readDirSync(path)), []);
});
