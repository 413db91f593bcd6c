// What lib/deploy/ installs fits the program that it is for.

import { assert, assertEquals, assertMatch } from "@std/assert";
import config from "../../deno.json" with { type: "json" };
import { unknownVariables } from "../../lib/cli/flags/environment.ts";
import { command } from "../../lib/cli/serve/serve.ts";

const FOLDER = new URL("../../lib/deploy/", import.meta.url);
const UNIT = await Deno.readTextFile(new URL("partyline.service", FOLDER));
const CONTAINERFILE = await Deno.readTextFile(new URL("Containerfile", FOLDER));

/** A program's output; undefined where there is no such program. */
async function outputOf(program: string, ...args: string[]): Promise<string | undefined> {
  try {
    const { stdout, stderr } = await new Deno.Command(program, { args }).output();
    return new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

Deno.test("each variable that they set is an option", () => {
  const names = [...`${UNIT}\n${CONTAINERFILE}`.matchAll(/\b(PARTYLINE_\w+)=/g)]
    .map(([, name]) => name!);
  assert(names.length >= 4);
  const set = Object.fromEntries(names.map((name) => [name, "x"]));
  assertEquals(unknownVariables(set, [command.flags]), []);
});

Deno.test("the container holds what a start needs, and runs the Deno that is needed", async () => {
  const copied = [...CONTAINERFILE.matchAll(/^COPY (.+) \S+$/gm)].flatMap(([, from]) =>
    from!.split(" ")
  );
  for (const path of copied) await Deno.stat(new URL(`../../${path}`, FOLDER));
  assertEquals(copied.toSorted(), ["deno.json", "deno.lock", "lib", "main.ts", "static"]);
  assertMatch(CONTAINERFILE, /^FROM docker\.io\/denoland\/deno:debian-2\.9\./m);
});

Deno.test("both run the task, so that they have its permissions", () => {
  assert("start" in config.tasks);
  assertMatch(UNIT, /^ExecStart=\S+\/deno task --quiet start$/m);
  assertMatch(CONTAINERFILE, /^ENTRYPOINT \["deno", "task", "--quiet", "start"\]$/m);
});

Deno.test("the unit waits longer than a server drains by default", () => {
  const [, seconds] = /^TimeoutStopSec=(\d+)$/m.exec(UNIT) ?? [];
  assert(Number(seconds) >= 2 * command.flags.drain.default);
});

const verified = await outputOf(
  "systemd-analyze",
  "verify",
  new URL("partyline.service", FOLDER).pathname,
);
Deno.test({
  name: "systemd understands the unit, and finds it hardened",
  ignore: verified === undefined, // there is no systemd here
  async fn() {
    // That the machine of the test has no Deno in that place is no fault of the unit.
    assertEquals(verified!.replaceAll(/^.*is not executable: .*\n/gm, ""), "");
    const path = new URL("partyline.service", FOLDER).pathname;
    const said = await outputOf(
      "systemd-analyze",
      "security",
      "--offline=true",
      "--no-pager",
      path,
    );
    const [, exposure] = /exposure level for \S+: (\d+\.\d+)/.exec(said!) ?? [];
    assert(Number(exposure) < 2, `exposure ${exposure} of 10`);
  },
});
