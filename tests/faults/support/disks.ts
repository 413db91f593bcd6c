/** A data directory on a disk that a test can fill up, and free again. */
export interface Disk extends AsyncDisposable {
  readonly data: string;
  /** What runs the server, so that it survives what the disk does. */
  readonly under: readonly string[];
  fill(pid: number): Promise<void>;
  free(pid: number): Promise<void>;
}

/**
 * No file may become larger than it is (RLIMIT_FSIZE): every write that needs room fails with EFBIG,
 * which SQLite calls an I/O error. Works for anybody.
 */
export async function limitedDisk(): Promise<Disk> {
  const data = await Deno.makeTempDir({ prefix: "partyline-" });
  const limit = (pid: number, bytes: string) =>
    run("prlimit", "--pid", String(pid), `--fsize=${bytes}:unlimited`);
  return {
    data,
    // Without this the signal that comes with the error would end the process.
    under: ["bash", "-c", `trap "" XFSZ; exec "$0" "$@"`],
    fill: (pid) => limit(pid, String(Deno.statSync(`${data}/partyline.db-wal`).size)),
    free: (pid) => limit(pid, "unlimited"),
    [Symbol.asyncDispose]: () => Deno.remove(data, { recursive: true }),
  };
}

/** A disk of its own (tmpfs) with nothing left on it: ENOSPC. Only root may mount one. */
export async function smallDisk(options = "size=1m"): Promise<Disk> {
  const data = await Deno.makeTempDir({ prefix: "partyline-" });
  await run("mount", "-t", "tmpfs", "-o", options, "partyline-test", data);
  return {
    data,
    under: [],
    fill: async () => void await fillUp(`${data}/ballast`),
    free: () => Deno.remove(`${data}/ballast`),
    async [Symbol.asyncDispose]() {
      await run("umount", data);
      await Deno.remove(data);
    },
  };
}

/** Whether disks may be mounted here; a test that needs one is left out where not. */
export async function mayMount(): Promise<boolean> {
  try {
    await using _ = await smallDisk();
    return true;
  } catch {
    return false;
  }
}

/** Runs a command; rejects with what it said where it fails. */
export async function run(command: string, ...args: string[]): Promise<void> {
  const { success, stderr } = await new Deno.Command(command, { args, stdout: "null" }).output();
  if (!success) throw new Error(`${command}: ${new TextDecoder().decode(stderr)}`);
}

async function fillUp(path: string): Promise<void> {
  using file = await Deno.open(path, { create: true, write: true });
  const block = new Uint8Array(512);
  try {
    for (;;) await file.write(block);
  } catch {
    // full, as was wanted
  }
}
