import { StartupError } from "../base/startup_error.ts";

/** Opens a file that a person named, to read it. Throws a StartupError where that cannot be. */
export async function openFile(path: string): Promise<Deno.FsFile> {
  try {
    return await Deno.open(path);
  } catch (cause) {
    throw new StartupError(`cannot read ${path}: ${reasonOf(cause)}`, { cause });
  }
}

/** Makes a new file, readable for its owner only. Throws a StartupError where there is one already. */
export async function createFile(path: string): Promise<Deno.FsFile> {
  try {
    return await Deno.open(path, { write: true, createNew: true, mode: 0o600 });
  } catch (cause) {
    const hint = "name a file that does not exist yet";
    throw new StartupError(`cannot write ${path}: ${reasonOf(cause)}; ${hint}`, { cause });
  }
}

function reasonOf(cause: unknown): string {
  // The runtime would advise to allow everything, which nobody should.
  if (cause instanceof Deno.errors.NotCapable) return "this program has no permission for it";
  return (cause as Error).message;
}
