import { assert, assertEquals, assertMatch, assertThrows } from "@std/assert";
import { StartupError } from "../../lib/base/startup_error.ts";
import { parseFlags, usage, UsageError } from "../../lib/cli/flags/mod.ts";
import { command as chat } from "../../lib/cli/chat/chat.ts";
import { accessOf } from "../../lib/cli/serve/access_flags.ts";
import { opennessWarning } from "../../lib/cli/serve/openness.ts";
import { command } from "../../lib/cli/serve/serve.ts";
import { FREE_PORTS, ServerProcess } from "../support/server.ts";

async function passwordFile(text: string | Uint8Array<ArrayBuffer>, mode = 0o600) {
  const path = await Deno.makeTempFile({ prefix: "partyline-password-" });
  await Deno.writeFile(path, typeof text === "string" ? new TextEncoder().encode(text) : text);
  await Deno.chmod(path, mode);
  return { path, [Symbol.asyncDispose]: () => Deno.remove(path) };
}

/** What the flags give, and what was warned of. */
function access(args: string[], env: Record<string, string> = {}) {
  const warnings: string[] = [];
  const { values } = parseFlags(command, args, env);
  return { ...accessOf(values, (what) => warnings.push(what)), warnings };
}

function fault(args: string[], env: Record<string, string> = {}): string {
  return assertThrows(() => access(args, env), StartupError).message;
}

Deno.test("the password is the line in the file, or the variable", async () => {
  for (const text of ["open sesame", "open sesame\n", "open sesame\r\n"]) {
    await using file = await passwordFile(text);
    assertEquals(access(["--password-file", file.path]).password, "open sesame");
  }
  await using blank = await passwordFile(" open sesame \n");
  assertEquals(access(["--password-file", blank.path]).password, " open sesame ");
  assertEquals(access([], { PARTYLINE_PASSWORD: "open sesame" }).password, "open sesame");
  assertEquals(access([]).password, undefined);
});

Deno.test("a password that is none stops the start, and is not shown", async () => {
  await using short = await passwordFile("sesame\n");
  const path = short.path;
  const asked = ["--password-file", path];
  assertEquals(fault(asked), `the password in ${path} has 6 characters; wanted 8 to 256`);
  assertEquals(
    fault([], { PARTYLINE_PASSWORD: "sesame" }),
    "the password in PARTYLINE_PASSWORD has 6 characters; wanted 8 to 256",
  );
  await using two = await passwordFile("open sesame\nclose sesame\n");
  assertMatch(fault(["--password-file", two.path]), /has a line break .*; wanted one line$/);
  await using bytes = await passwordFile(new Uint8Array([0xff, 0xfe, 1, 2, 3, 4, 5, 6]));
  assertMatch(fault(["--password-file", bytes.path]), /cannot read it: it is not UTF-8$/);
  assertMatch(
    fault(["--password-file", "/nowhere/x"]),
    /^--password-file \/nowhere\/x: cannot read/,
  );
  const both = () => access(asked, { PARTYLINE_PASSWORD: "open sesame" });
  assertMatch(assertThrows(both, UsageError).message, /both give a password; use one$/);
});

Deno.test("a password on a command line is refused, without repeating it", () => {
  for (const args of [["--password", "open sesame"], ["--password=open sesame"]]) {
    for (const one of [command, chat]) {
      // deno-lint-ignore no-explicit-any -- either command
      const { message } = assertThrows(() => parseFlags(one as any, args, {}), UsageError);
      assertEquals(
        message,
        "--password: others can see a command line; set PARTYLINE_PASSWORD instead",
      );
    }
  }
  assertMatch(usage(command), /^ {2}PARTYLINE_PASSWORD=WORDS +the same without a file$/m);
  assert(!usage(command).includes("--password "));
});

Deno.test("a file that everybody on the machine can read is warned about", async () => {
  await using open = await passwordFile("open sesame", 0o644);
  assertEquals(access(["--password-file", open.path]).warnings, [
    `everybody on this machine can read ${open.path}; chmod 600 changes that`,
  ]);
  await using group = await passwordFile("open sesame", 0o640);
  assertEquals(access(["--password-file", group.path]).warnings, []);
});

Deno.test("read-only guests without a password would be a room where nobody writes", () => {
  assertMatch(
    fault(["--read-only-guests"]),
    /^--read-only-guests wants a password .*--password-file/,
  );
  const env = { PARTYLINE_PASSWORD: "open sesame" };
  assertEquals(access(["--read-only-guests"], env).readOnlyGuests, true);
});

Deno.test("what an operator wants less of is a switch for each", () => {
  const { anonymousPosts, search, echo } = access([
    "--no-anonymous-posts",
    "--no-search",
    "--no-echo",
  ]);
  assertEquals([anonymousPosts, search, echo], [false, false, false]);
});

Deno.test("listening for others without a password says what that means, and nothing else does", () => {
  const warning = (host: string, password?: string) => opennessWarning({ host, password });
  for (
    const host of [
      "0.0.0.0",
      "::",
      "[::]",
      "192.0.2.1",
      "chat.example",
      "1270.0.0.1",
      "localhost.example",
    ]
  ) {
    assertEquals(
      warning(host),
      `--host ${host} without a password: whoever can reach this machine can read and write here; ` +
        "--password-file FILE asks for one",
    );
    assertEquals(warning(host, "open sesame"), undefined);
  }
  for (
    const host of [
      "localhost",
      "LOCALHOST",
      "127.0.0.1",
      "127.8.8.8",
      "::1",
      "[::1]",
      "::ffff:127.0.0.1",
    ]
  ) {
    assertEquals(warning(host), undefined, host);
  }
});

Deno.test("the program takes a password, warns once, and stops where it is none", async () => {
  const data = await Deno.makeTempDir({ prefix: "partyline-" });
  try {
    await using file = await passwordFile("open sesame\n");
    const args = [...FREE_PORTS, "--data", data];
    {
      await using server = new ServerProcess([...args, "--host", "0.0.0.0"]);
      await server.addresses();
      await server.stderr.until(/--host 0\.0\.0\.0 without a password: whoever can reach .*\n/);
      await server.stderr.until(/ runs: .*\n/);
      assertEquals(server.stderr.text.split("without a password: ").length, 2);
    }
    {
      await using server = new ServerProcess([...args, "--password-file", file.path]);
      const { url } = await server.addresses();
      const response = await fetch(`${url}/api/messages`);
      assertEquals([response.status, (await response.json()).error.code], [401, "unauthorized"]);
      assert(!server.stderr.text.includes("open sesame"));
      assert(!server.stderr.text.includes("without a password"));
    }
    await using refused = new ServerProcess([...args, "--read-only-guests"]);
    assertEquals(await refused.ended(), 1);
    assertMatch(refused.stderr.text, /^partyline: --read-only-guests wants a password/);
  } finally {
    await Deno.remove(data, { recursive: true });
  }
});
