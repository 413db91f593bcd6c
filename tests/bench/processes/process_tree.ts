import { within } from "./deadline.ts";

/** A process and its descendants, as the operating system accounts for them (Linux). */
export class ProcessTree {
  readonly root: number;

  constructor(root: number) {
    this.root = root;
  }

  /** All that run now, the root first. */
  pids(): number[] {
    const children = new Map<number, number[]>();
    for (const { name } of Deno.readDirSync("/proc")) {
      const pid = Number(name);
      if (!Number.isInteger(pid)) continue;
      const parent = parentOf(pid);
      if (parent !== undefined) children.set(parent, [...children.get(parent) ?? [], pid]);
    }
    const pids = [this.root];
    for (const pid of pids) pids.push(...children.get(pid) ?? []);
    return pids;
  }

  /**
   * CPU time so far in microseconds, of every thread alive. To the nanosecond where the kernel
   * keeps schedstat: the clock ticks of `stat` are too coarse for a lone message.
   */
  cpuMicros(): number {
    let micros = 0;
    for (const pid of this.pids()) micros += cpuOf(pid);
    return micros;
  }

  /** Resident bytes; what is shared counts once (PSS). */
  residentBytes(): number {
    let bytes = 0;
    for (const pid of this.pids()) {
      const rollup = read(`/proc/${pid}/smaps_rollup`) ?? "";
      const [, kilobytes] = /^Pss:\s+(\d+) kB/m.exec(rollup) ??
        /^VmRSS:\s+(\d+) kB/m.exec(read(`/proc/${pid}/status`) ?? "") ?? [];
      bytes += Number(kilobytes ?? 0) * 1024;
    }
    return bytes;
  }

  /** Ends them all, asking first. */
  async kill(exited: Promise<unknown>, patienceMs: number): Promise<void> {
    const pids = this.pids();
    signal(this.root, "SIGTERM");
    try {
      await within(exited, patienceMs);
      pids.shift();
    } catch {
      // It does not go by itself.
    }
    for (const pid of pids) signal(pid, "SIGKILL");
    await within(exited, patienceMs);
  }
}

const TICK_MICROS = 10_000; // USER_HZ is 100 on every Linux that Deno runs on

function cpuOf(pid: number): number {
  let micros = 0;
  let threads = 0;
  try {
    for (const { name } of Deno.readDirSync(`/proc/${pid}/task`)) {
      const nanos = Number(read(`/proc/${pid}/task/${name}/schedstat`)?.split(" ")[0] ?? NaN);
      if (Number.isNaN(nanos)) continue;
      micros += nanos / 1000;
      threads++;
    }
  } catch {
    return 0; // it has just ended
  }
  if (threads > 0) return micros;
  const fields = statOf(pid);
  return (Number(fields?.[11] ?? 0) + Number(fields?.[12] ?? 0)) * TICK_MICROS;
}

function parentOf(pid: number): number | undefined {
  const parent = statOf(pid)?.[1];
  return parent === undefined ? undefined : Number(parent);
}

/** The fields of /proc/PID/stat from the third on: the second may hold spaces. */
function statOf(pid: number): string[] | undefined {
  const stat = read(`/proc/${pid}/stat`);
  return stat?.slice(stat.lastIndexOf(")") + 2).split(" ");
}

function read(path: string): string | undefined {
  try {
    return Deno.readTextFileSync(path);
  } catch {
    return undefined; // the process has ended, or the kernel has no such file
  }
}

function signal(pid: number, name: Deno.Signal): void {
  try {
    Deno.kill(pid, name);
  } catch {
    // best effort: it is gone already
  }
}
