import config from "../../deno.json" with { type: "json" };

export interface ProgramOptions {
  readonly env?: Record<string, string>;
  /** Written to standard input, which then ends; without it, it stays open for `write`. */
  readonly input?: string;
  /** Another command that runs it, as `env` or `nice` would. */
  readonly under?: readonly string[];
  /** At a terminal of its own, which script(1) makes; what is shown there is its standard output. */
  readonly terminal?: boolean;
  /** A module that is loaded into the process before the program. */
  readonly preload?: string;
}

/** A task of deno.json as a process of its own, with the permissions it has there. */
export class Program implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #stdin: WritableStreamDefaultWriter<Uint8Array>;
  readonly stdout: Output;
  readonly stderr: Output;
  #ended = false;

  constructor(task: keyof typeof config.tasks, args: string[], options: ProgramOptions = {}) {
    const preload = options.preload === undefined ? [] : ["--preload", options.preload];
    const deno = [Deno.execPath(), ...argsOf(task, args).toSpliced(1, 0, ...preload)];
    const [command, ...rest] = options.terminal
      ? ["script", "-qefc", deno.map(quoted).join(" "), "/dev/null"]
      : [...options.under ?? [], ...deno];
    this.#child = new Deno.Command(command!, {
      args: rest,
      env: { NO_COLOR: "1", ...options.env },
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    this.stdout = new Output(this.#child.stdout);
    this.stderr = new Output(this.#child.stderr);
    this.#stdin = this.#child.stdin.getWriter();
    this.#child.status.then(() => this.#ended = true);
    if (options.input !== undefined) this.write(options.input).then(() => this.endInput());
  }

  get pid(): number {
    return this.#child.pid;
  }

  async write(text: string): Promise<void> {
    await this.#stdin.write(new TextEncoder().encode(text)).catch(() => {}); // it may have ended
  }

  async endInput(): Promise<void> {
    await this.#stdin.close().catch(() => {}); // it may have ended
  }

  kill(signal: Deno.Signal): void {
    this.#child.kill(signal);
  }

  /** The exit code, once all output has been read. */
  async ended(): Promise<number> {
    const { code } = await this.#child.status;
    await Promise.all([this.stdout.ended, this.stderr.ended]);
    return code;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#ended) this.#child.kill("SIGKILL");
    await this.endInput();
    await this.ended();
  }
}

/** For a shell. */
function quoted(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}

/** What follows `deno` in the command of a task. */
export function argsOf(task: keyof typeof config.tasks, args: string[]): string[] {
  const [, ...flags] = config.tasks[task].command.replaceAll("'", "").split(" ");
  return [...flags.filter((flag) => flag !== "--quiet"), ...args].toSpliced(1, 0, "--quiet");
}

/** What a process has written so far, and may still write. */
export class Output {
  text = "";
  readonly ended: Promise<void>;
  readonly #waiting = new Set<() => void>();
  #done = false;

  constructor(stream: ReadableStream<Uint8Array>) {
    this.ended = this.#read(stream);
  }

  /** Resolves with the first match in all that was written; rejects where the output ends without. */
  async until(pattern: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const match = pattern.exec(this.text);
      if (match) return match;
      if (this.#done) throw new Error(`no ${pattern} in the output:\n${this.text}`);
      await new Promise<void>((resolve) => this.#waiting.add(resolve));
    }
  }

  get lines(): string[] {
    return this.text.split("\n").slice(0, -1);
  }

  async #read(stream: ReadableStream<Uint8Array>): Promise<void> {
    const utf8 = new TextDecoder();
    for await (const chunk of stream) {
      this.text += utf8.decode(chunk, { stream: true });
      this.#wake();
    }
    this.#done = true;
    this.#wake();
  }

  #wake(): void {
    for (const resolve of this.#waiting) resolve();
    this.#waiting.clear();
  }
}
