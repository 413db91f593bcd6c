import type { Addresses } from "../../support/server.ts";
import {
  bearer,
  type JoinOptions,
  postAs,
  type Transport,
} from "../../transports/clients/client.ts";
import type { Known } from "./case.ts";
import type { Health } from "./server_process.ts";
import { Tunnel } from "./tunnel.ts";

/** What `deno task start` may do, and no more. */
const PERMISSIONS = ["--no-prompt", "--allow-net", "--allow-read", "--allow-write", "--allow-env"];

/** A closed room has a password, and takes no messages without a session; the others are open. */
export type Kind = "open" | "closed" | "tls";

const PASSWORD = "open sesame, please";

/** A server in a process of its own, which is asked how it is. */
export class AttackedServer implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #questions: WritableStreamDefaultWriter<Uint8Array>;
  readonly #lines: ReadableStreamDefaultReader<string>;
  readonly #errors: Promise<string>;
  readonly #kind: Kind;
  #rest = "";
  #ended = false;
  /** Its own ports. */
  #bare!: Addresses;
  #tunnel: Tunnel | undefined;
  #watch!: string;
  #lasting!: Omit<Known, "user" | "token" | "ref">;

  private constructor(kind: Kind) {
    this.#kind = kind;
    this.#child = new Deno.Command(Deno.execPath(), {
      args: [
        "run",
        "--quiet",
        "--v8-flags=--expose-gc",
        ...PERMISSIONS,
        new URL("./server_process.ts", import.meta.url).pathname,
        kind,
        PASSWORD,
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

  static async start(kind: Kind): Promise<AttackedServer> {
    const password = PASSWORD;
    const server = new AttackedServer(kind);
    server.#bare = JSON.parse(await server.#line());
    if (kind === "tls") server.#tunnel = new Tunnel(server.#bare);
    const { at } = server;
    server.#watch = await server.#openSession({ password });
    const poll = await fetch(`${at.url}/poll?wait=0`, { headers: bearer(server.#watch) });
    const { cursor } = await poll.json();
    server.#lasting = {
      password,
      basic: btoa(`mallory:${password}`),
      epoch: cursor.split("-")[0],
    };
    return server;
  }

  /** For those who attack while `user` is there: with a session that the attack before could not end. */
  async knownNow(user: string): Promise<Known> {
    const { password } = this.#lasting;
    const token = await this.#openSession({ password });
    const { seq } = await postAs(this.at, token, { text: "to be changed" });
    return { ...this.#lasting, user, token, ref: String(seq) };
  }

  /** Headers of a session that nobody attacks with. */
  get watching(): Record<string, string> {
    return bearer(this.#watch);
  }

  /** As what a normal user comes in over a transport. */
  async credentialsFor({ form }: Transport, name: string): Promise<JoinOptions> {
    const { password } = this.#lasting;
    if (this.#kind !== "closed") return { name };
    if (form === "lines") return { name, password };
    return { token: await this.#openSession({ name, password }) };
  }

  get kind(): Kind {
    return this.#kind;
  }

  /** Where it is reached without TLS, whether it speaks that or not. */
  get at(): Addresses {
    return this.#tunnel ?? this.#bare;
  }

  get bare(): Addresses {
    return this.#bare;
  }

  async health(): Promise<Health> {
    await this.#questions.write(new TextEncoder().encode("\n"));
    return JSON.parse(await this.#line());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#ended) this.#child.kill("SIGKILL");
    this.#tunnel?.[Symbol.dispose]();
    await this.#questions.close().catch(() => {}); // it may have ended
    await this.#lines.cancel().catch(() => {}); // as above
    await this.#errors;
    await this.#child.status;
  }

  async #openSession(
    fields: { readonly name?: string; readonly password: string },
  ): Promise<string> {
    const response = await fetch(`${this.at.url}/api/session`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(fields),
    });
    const { token } = await response.json();
    return token;
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
