import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { fileURLToPath } from "node:url";
import { Program } from "../../support/program.ts";
import { FREE_PORTS, ServerProcess } from "../../support/server.ts";
import { postAs } from "../../transports/clients/client.ts";

const PROBE = fileURLToPath(new URL("./probe.ts", import.meta.url));

Deno.test("a server reads and writes its data and nothing else, wherever --data is", async () => {
  const path = await Deno.makeTempDir();
  await using _ = { [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }) };
  await Deno.mkdir(`${path}/other`);
  await Deno.writeTextFile(`${path}/other/secret`, "secret");
  await Deno.mkdir(`${path}/elsewhere`);
  await Deno.symlink(`${path}/elsewhere`, `${path}/link`);
  for (const data of [`${path}/not/there/yet`, `${path}/link/data`]) {
    await using server = new ServerProcess([...FREE_PORTS, "--data", data], {
      preload: PROBE,
      env: { PARTYLINE_TEST_INSIDE: data, PARTYLINE_TEST_OUTSIDE: `${path}/other` },
    });
    const at = await server.addresses();
    // What it does of itself still works: the page is bundled, and a thread searches.
    assertStringIncludes(await (await fetch(at.url)).text(), "first-screen");
    await postAs(at, undefined, { text: "a needle" });
    const found = await (await fetch(`${at.url}/api/search?q=needle`)).json();
    assertEquals(found.events.length, 1);
    server.kill("SIGUSR2");
    const [, allowed] = await server.stdout.until(/^allowed: (.*)\.$/m);
    assertEquals(allowed, "read the data, write the data");
    assertEquals(server.reports, "");
  }
  assertEquals(Array.from(Deno.readDirSync(`${path}/other`), ({ name }) => name), ["secret"]);
});

Deno.test("a backup, an export and an import reach their files, wherever these are", async () => {
  const path = await Deno.makeTempDir();
  await using _ = { [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }) };
  {
    await using server = new ServerProcess([...FREE_PORTS, "--data", `${path}/data`]);
    await postAs(await server.addresses(), undefined, { text: "kept" });
    for (
      const [task, file] of [["backup", `${path}/lobby.db`], [
        "export",
        `${path}/lobby.ndjson`,
      ]] as const
    ) {
      await using program = new Program(task, ["--data", `${path}/data`, file]);
      assertEquals([await program.ended(), program.stderr.text], [0, ""]);
    }
  }
  await using program = new Program("import", ["--data", `${path}/new`, `${path}/lobby.ndjson`]);
  assertEquals([await program.ended(), program.stderr.text], [0, ""]);
  assert((await Deno.stat(`${path}/lobby.db`)).size > 0);
});
