import type { Addresses } from "../../support/server.ts";
import type { Known } from "./attack.ts";
import type { Health } from "./server_process.ts";

/** What `deno task start` may do, and no more. */
const PERMISSIONS = ["--no-prompt", "--allow-net", "--allow-read", "--allow-write", "--allow-env"];

/** A server in a process of its own, which is asked how it is. */
export class AttackedServer implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #questions: WritableStreamDefaultWriter<Uint8Array>;
  readonly #lines: ReadableStreamDefaultReader<string>;
  readonly #errors: Promise<string>;
  #rest = "";
  #ended = false;
  #at!: Addresses;
  #known!: Known;

  private constructor() {
    this.#child = new Deno.Command(Deno.execPath(), {
      args: [
        "run",
        "--quiet",
        "--v8-flags=--expose-gc",
        ...PERMISSIONS,
        new URL("./server_process.ts", import.meta.url).pathname,
      ],
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    this.#questions = this.#child.stdin.getWriter();
    this.#lines = this.#child.stdout.pipeThrough(new TextDecoderStream()).getReader();
    this.#errors = new Response(this.#child.stderr).text();
    this.#child.status.then(() => this.#ended = true);
  }

  static async start(): Promise<AttackedServer> {
    const server = new AttackedServer();
    server.#at = JSON.parse(await server.#line());
    const session = await fetch(`${server.#at.url}/api/session`, {
      method: "POST",
      body: "mallory",
    });
    const presence = await fetch(`${server.#at.url}/poll?wait=0`);
    const { token } = await session.json();
    const { cursor } = await presence.json();
    server.#known = { token, epoch: cursor.split("-")[0] };
    return server;
  }

  get at(): Addresses {
    return this.#at;
  }

  get known(): Known {
    return this.#known;
  }

  async health(): Promise<Health> {
    await this.#questions.write(new TextEncoder().encode("\n"));
    return JSON.parse(await this.#line());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#ended) this.#child.kill("SIGKILL");
    await this.#questions.close().catch(() => {}); // it may have ended
    await this.#lines.cancel().catch(() => {}); // as above
    await this.#errors;
    await this.#child.status;
  }

  async #line(): Promise<string> {
    for (;;) {
      const end = this.#rest.indexOf("\n");
      if (end !== -1) {
        const line = this.#rest.slice(0, end);
        this.#rest = this.#rest.slice(end + 1);
        return line;
      }
      const { value, done } = await this.#lines.read();
      if (done) throw new Error(`the server has ended: ${await this.#errors}`);
      this.#rest += value;
    }
  }
}
