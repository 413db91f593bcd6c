import type { Latency } from "./users.ts";

/** The people who write, in a process of their own. */
export class Users implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #questions: WritableStreamDefaultWriter<Uint8Array>;
  readonly #answers: ReadableStreamDefaultReader<Uint8Array>;

  constructor(url: string) {
    this.#child = new Deno.Command(Deno.execPath(), {
      args: ["run", "--quiet", "--allow-net", import.meta.resolve("./users.ts"), url],
      stdin: "piped",
      stdout: "piped",
    }).spawn();
    this.#questions = this.#child.stdin.getWriter();
    this.#answers = this.#child.stdout.getReader();
  }

  /** Since the last measurement. */
  async measure(): Promise<Latency> {
    await this.#questions.write(new TextEncoder().encode("\n"));
    let text = "";
    while (!text.endsWith("\n")) {
      const { value, done } = await this.#answers.read();
      if (done) throw new Error("the users have gone");
      text += new TextDecoder().decode(value);
    }
    return JSON.parse(text);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#questions.close();
    this.#answers.releaseLock();
    await this.#child.stdout.cancel();
    await this.#child.status;
  }
}
