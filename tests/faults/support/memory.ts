/** The resident memory of a process, in MB (10⁶ bytes); 0 where it is gone. */
export function residentMb(pid: number): number {
  try {
    const status = Deno.readTextFileSync(`/proc/${pid}/status`);
    return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) * 1024 / 1e6;
  } catch {
    return 0;
  }
}

/** The most a process has had since the last `reset`, looked at now and then until disposed. */
export class MemoryPeak implements Disposable {
  readonly #pid: number;
  readonly #timer: ReturnType<typeof setInterval>;
  #peak = 0;

  constructor(pid: number) {
    this.#pid = pid;
    this.#timer = setInterval(() => this.#look(), 100);
    this.#look();
  }

  get mb(): number {
    this.#look();
    return this.#peak;
  }

  reset(): void {
    this.#peak = 0;
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }

  #look(): void {
    this.#peak = Math.max(this.#peak, residentMb(this.#pid));
  }
}
