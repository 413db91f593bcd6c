import { assertEquals, assertMatch } from "@std/assert";
import { Program } from "../support/program.ts";
import { FREE_PORTS, ServerProcess } from "../support/server.ts";
import { bearer } from "../transports/clients/client.ts";

async function operator(...args: string[]) {
  await using program = new Program("operator", args, { input: "" });
  const code = await program.ended();
  return { code, out: program.stdout.text, error: program.stderr.text };
}

Deno.test("task operator makes a token beside a running server, lists, and removes; also across a kill", async () => {
  const data = await Deno.makeTempDir({ prefix: "partyline-" });
  const order = async (url: string, token: string, fields: Record<string, unknown>) => {
    const response = await fetch(`${url}/api/moderation`, {
      method: "POST",
      headers: bearer(token),
      body: JSON.stringify(fields),
    });
    return [response.status, (await response.json()).text];
  };
  try {
    let token;
    {
      await using server = new ServerProcess(["--data", data, ...FREE_PORTS]);
      const { url } = await server.addresses();
      const made = await operator("--data", data, "ann");
      assertEquals(made.code, 0);
      assertMatch(made.out, /^[\w-]+\.[\w-]+\n$/);
      assertMatch(made.error, /Settings, Operator token\n.*PARTYLINE_TOKEN.*\n.*\/operator TOKEN/);
      token = made.out.trim();
      assertEquals((await operator("--data", data, "--list")).out.split("  since ")[0], "ann");
      const ban = await order(url, token, { type: "ban", name: "eve", time: "forever" });
      assertEquals(ban[0], 200);
      server.kill("SIGKILL");
      await server.ended();
    }
    await using server = new ServerProcess(["--data", data, ...FREE_PORTS]);
    const { url } = await server.addresses();
    const bans = await order(url, token, { type: "bans" });
    assertMatch(String(bans[1]), /^1 {2}eve {2}banned for ever by ann$/);
    const again = await operator("--data", data, "ANN");
    assertMatch(again.error, /another token of the operator ann/);
    assertEquals((await order(url, again.out.trim(), { type: "undo" }))[1], "eve may come again");
    assertEquals((await operator("--data", data, "--remove", "ann")).code, 0);
    assertEquals((await order(url, token, { type: "bans" }))[0], 403);
    const missing = await operator("--data", data, "--remove", "ann");
    assertEquals([missing.code, missing.error], [
      1,
      'partyline: there is no operator "ann"; there are: none\n',
    ]);
  } finally {
    await Deno.remove(data, { recursive: true });
  }
});

Deno.test("task operator says in one line what is wrong", async () => {
  const nowhere = "/tmp/partyline-there-is-no-such-folder";
  const cases: [string[], RegExp][] = [
    [["--data", nowhere, "ann"], /^partyline: there is no folder \S+; start the server once/],
    [[], /^partyline: wanted one of NAME, --list and --remove NAME; see --help\n$/],
    [["--list", "ann"], /^partyline: wanted one of/],
    [["guest"], /^partyline: "guest" is whoever posts without a session/],
  ];
  for (const [args, wanted] of cases) {
    const { code, error } = await operator(...args);
    assertMatch(error, wanted);
    assertEquals(code === 1 || code === 2, true);
  }
});
