// The secret that signs tokens, of a server that runs as a process of its own.

import { assertEquals, assertMatch } from "@std/assert";
import { FREE_PORTS, ServerProcess } from "../support/server.ts";
import { websocket } from "../transports/clients/websocket.ts";

const SECRET = "correct horse battery staple, and more";

async function withFolder(test: (data: string) => Promise<void>): Promise<void> {
  const path = await Deno.makeTempDir({ prefix: "partyline-" });
  try {
    await test(`${path}/data`);
  } finally {
    await Deno.remove(path, { recursive: true });
  }
}

Deno.test("a secret of the environment signs tokens: no key is made, and nothing shows it", async () => {
  await withFolder(async (data) => {
    const args = [...FREE_PORTS, "--data", data];
    await using server = new ServerProcess(args, { env: { PARTYLINE_SECRET: SECRET } });
    const at = await server.addresses();
    await using ann = await websocket.join(at, { name: "ann" });
    await ann.say("hi");
    const files = [...Deno.readDirSync(data)].map(({ name }) => name);
    assertEquals(files.includes("session.key"), false);
    assertEquals([server.stdout.text, server.stderr.text].join().includes(SECRET), false);
  });
});

Deno.test("a secret that is too short stops the start and the check, and is not shown", async () => {
  await withFolder(async (data) => {
    for (const check of [[], ["--check"]]) {
      await using server = new ServerProcess([...FREE_PORTS, "--data", data, ...check], {
        env: { PARTYLINE_SECRET: "hunter2" },
      });
      const code = await server.ended();
      const said = server.stdout.text + server.stderr.text;
      assertMatch(said, /PARTYLINE_SECRET has 7 characters: wanted 32 or more/);
      assertEquals([code !== 0, said.includes("hunter2")], [true, false]);
    }
  });
});
