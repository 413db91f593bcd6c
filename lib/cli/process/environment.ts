import { type Environment, type Flags, variablesOf } from "../flags/mod.ts";

/**
 * The variables whose names begin with `PARTYLINE_`. Reads the environment once and then gives up the
 * permission for it, since nothing else in this process may read it. A process that may read only some
 * names cannot list them: it gets those of `flags` that it may read, and a misspelt one goes unnoticed.
 */
export function readEnvironment(flags: Flags): Environment {
  try {
    const all = Object.entries(Deno.env.toObject());
    return Object.fromEntries(all.filter(([name]) => name.startsWith("PARTYLINE_")));
  } catch (error) {
    if (!(error instanceof Deno.errors.NotCapable)) throw error;
    const named = variablesOf(flags).filter(mayRead);
    return Object.fromEntries(named.map((name) => [name, Deno.env.get(name) ?? ""]));
  } finally {
    Deno.permissions.revokeSync({ name: "env" });
  }
}

function mayRead(variable: string): boolean {
  return Deno.permissions.querySync({ name: "env", variable }).state === "granted";
}
