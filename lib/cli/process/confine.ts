/** The files and folders that a command reads, and those that it writes; a folder with all in it. */
export interface Touched {
  readonly read: readonly string[];
  readonly write: readonly string[];
}

/** Where the tasks may read and write at first: what is named by a flag can lie anywhere. */
const ANYWHERE = "/";

/**
 * Gives up the permission to read and write anywhere but in these places, for good: for this process
 * and for the threads that it starts from now on. A path counts as it is given, so that what it names
 * by a symbolic link can be used, by this path. A process that was given less, or all without limits
 * (`-A`), keeps what it has.
 */
export function confine({ read, write }: Touched): void {
  narrow("read", read);
  narrow("write", write);
}

function narrow(name: "read" | "write", paths: readonly string[]): void {
  if (Deno.permissions.querySync({ name, path: ANYWHERE }).state !== "granted") return;
  // A part that is asked for outlives the whole: https://docs.deno.com/api/deno/~/Deno.Permissions
  for (const path of paths) Deno.permissions.requestSync({ name, path });
  Deno.permissions.revokeSync({ name, path: ANYWHERE });
}
