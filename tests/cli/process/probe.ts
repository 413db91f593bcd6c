// Loaded before the program, into its process: says on SIGUSR2 what may be read and written by then.
import { DatabaseSync } from "node:sqlite";

const inside = Deno.env.get("PARTYLINE_TEST_INSIDE");
const outside = Deno.env.get("PARTYLINE_TEST_OUTSIDE");

Deno.addSignalListener("SIGUSR2", () => {
  const attempts: Record<string, () => unknown> = {
    "read the data": () => Deno.readFileSync(`${inside}/session.key`),
    "write the data": () => Deno.writeTextFileSync(`${inside}/probe`, ""),
    "read another file": () => Deno.readTextFileSync(`${outside}/secret`),
    "list another folder": () => Array.from(Deno.readDirSync(outside!)),
    "write another file": () => Deno.writeTextFileSync(`${outside}/made`, ""),
    "open another database": () => new DatabaseSync(`${outside}/made.db`).close(),
    "write the program": () =>
      Deno.writeTextFileSync(new URL(import.meta.url), "", { append: true }),
    "run a program": () => new Deno.Command("true").outputSync(),
    "read a variable": () => Deno.env.get("HOME"),
  };
  const allowed = Object.keys(attempts).filter((what) => may(attempts[what]!));
  console.log(`allowed: ${allowed.join(", ")}.`);
});

function may(attempt: () => unknown): boolean {
  try {
    attempt();
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotCapable) return false;
    throw error;
  }
}
