import { makeOperator } from "../../lib/moderation/mod.ts";
import { type TestOptions, TestServer } from "../support/server.ts";
import { bearer } from "../transports/clients/client.ts";

/** A server with an operator, ann, who is not in the room. */
export class Guarded implements AsyncDisposable {
  readonly data: string;
  readonly server: TestServer;
  readonly token: string;

  private constructor(data: string, server: TestServer, token: string) {
    this.data = data;
    this.server = server;
    this.token = token;
  }

  static async open(options: TestOptions = {}): Promise<Guarded> {
    const data = await Deno.makeTempDir({ prefix: "partyline-" });
    const server = await TestServer.open({ graceMs: 300, ...options, data });
    // Beside the running server, as the command does it.
    return new Guarded(data, server, (await makeOperator(data, "ann")).token);
  }

  /** What an operator asks for; the status and the answer. */
  async order(
    fields: Record<string, unknown>,
    { token = this.token, headers = {} }: { token?: string; headers?: Record<string, string> } = {},
  ) {
    const response = await fetch(`${this.server.url}/api/moderation`, {
      method: "POST",
      headers: { "content-type": "application/json", ...bearer(token), ...headers },
      body: JSON.stringify(fields),
    });
    return { status: response.status, ...await response.json() };
  }

  /** Lines of the audit. */
  get audit(): Record<string, unknown>[] {
    const lines = Deno.readTextFileSync(`${this.data}/audit.jsonl`).trimEnd().split("\n");
    return lines.map((line) => JSON.parse(line));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.server[Symbol.asyncDispose]();
    await Deno.remove(this.data, { recursive: true });
  }
}
