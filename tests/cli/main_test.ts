import { assertEquals, assertStringIncludes } from "@std/assert";

/** What `main.ts` answers: its exit code, and one of its outputs. */
async function partyline(
  args: string[],
  options: { env?: Record<string, string>; deno?: string[] } = {},
) {
  const { deno = ["--allow-env"], env = {} } = options;
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--no-prompt", ...deno, "main.ts", ...args],
    env: { NO_COLOR: "1", ...env },
  }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, stdout: text(stdout), stderr: text(stderr) };
}

const COMMANDS = "serve, tcp, export, import, backup, chat, ping";

Deno.test("a command that is not there is told which are, whatever objects inherit", async () => {
  const names = ["constructor", "toString", "__proto__", "hasOwnProperty", "server", ""];
  const answers = await Promise.all(names.map((name) => partyline([name])));
  assertEquals(
    answers,
    names.map((name) => ({
      code: 2,
      stdout: "",
      stderr: `partyline: unknown command "${name}"; wanted ${COMMANDS}\n`,
    })),
  );
});

Deno.test("--help, -h and help show the commands, --version the version", async () => {
  const answers = await Promise.all(
    ["--help", "-h", "help", "--version"].map((a) => partyline([a])),
  );
  assertEquals(answers.map(({ code, stderr }) => [code, stderr]), Array(4).fill([0, ""]));
  for (const { stdout } of answers.slice(0, 3)) {
    assertStringIncludes(stdout, "\n  serve   open the room");
  }
});

Deno.test("one environment serves all commands, and a variable of none of them is refused", async () => {
  const env = {
    PARTYLINE_TCP_PORT: "7",
    PARTYLINE_INTERVAL: "2",
    PARTYLINE_TEST_REQUIRE: "browser",
  };
  const missing = "partyline: wanted the FILE or FOLDER to write; see --help\n";
  assertEquals((await partyline(["backup"], { env })).stderr, missing);
  const mistyped = { ...env, PARTYLINE_TPC_PORT: "7" };
  const unknown = "partyline: unknown variable PARTYLINE_TPC_PORT; see --help\n";
  assertEquals((await partyline(["backup"], { env: mistyped })).stderr, unknown);
  assertEquals((await partyline(["backup", "--help"], { env: mistyped })).code, 0);
});

Deno.test("a process that may read only PARTYLINE_ variables reads those it knows", async () => {
  const env = { PARTYLINE_DATA: "", PARTYLINE_TPC_PORT: "7" };
  const deno = ["--allow-env=PARTYLINE_*"];
  const missing = "partyline: wanted the FILE or FOLDER to write; see --help\n";
  assertEquals(await partyline(["backup"], { env, deno }), {
    code: 2,
    stdout: "",
    stderr: missing,
  });
});

Deno.test("a file that cannot be used is told in our own words, not in the runtime's advice", async () => {
  const deno = ["--allow-env", "--allow-read=.", "--allow-write=."];
  assertEquals(await partyline(["import", "/proc/nothing"], { deno }), {
    code: 1,
    stdout: "",
    stderr: "partyline: cannot read /proc/nothing: this program has no permission for it\n",
  });
  const { stderr } = await partyline(["export", "/proc/nothing"], { deno });
  assertEquals(
    stderr,
    "partyline: cannot write /proc/nothing: this program has no permission for it; " +
      "name a file that does not exist yet\n",
  );
});
