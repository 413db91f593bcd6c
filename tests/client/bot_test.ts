import { assertEquals } from "@std/assert";
import { type Client, join } from "../../lib/client/mod.ts";
import { Output } from "../support/program.ts";
import { TestServer } from "../support/server.ts";

const BOT = new URL("./bot_example.ts", import.meta.url).pathname;

/** Where a bot keeps what it keeps, and nobody else. */
interface Home {
  readonly env: Record<string, string>;
}

/** The bot as somebody would start it; killed, not asked to leave. */
class Bot implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #stderr: Output;

  constructor(url: string, { env }: Home) {
    this.#child = new Deno.Command(Deno.execPath(), {
      args: ["run", "--quiet", "--no-prompt", "--allow-net", BOT, url],
      env,
      stdin: "null",
      stdout: "null",
      stderr: "piped",
    }).spawn();
    this.#stderr = new Output(this.#child.stderr);
  }

  /** What it says next; rejects where it has ended instead. */
  async answers(to: Client): Promise<string> {
    const ended = this.#stderr.ended.then(() => {
      throw new Error(`the bot has ended: ${this.#stderr.text}`);
    });
    return await Promise.race([ended, nextOf(to)]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.#child.status;
    await this.#stderr.ended;
    assertEquals(this.#stderr.text, "");
  }
}

async function nextOf(client: Client): Promise<string> {
  for await (const event of client) {
    if (event.type === "message" && event.from === "echo") return event.text;
  }
  throw new Error("the events ended");
}

Deno.test("the bot answers each mention once, also those that came while it was away", async () => {
  await using server = await TestServer.open({ graceMs: 0 });
  const home = await Deno.makeTempDir({ prefix: "partyline-" });
  const env = { DENO_DIR: home, NO_COLOR: "1" };
  await using ann = join(server.url, { name: "ann" });
  await ann.say("nobody is spoken to");
  {
    await using bot = new Bot(server.url, { env });
    await ann.say("hi @echo");
    assertEquals(await bot.answers(ann), "@ann hi @echo");
    await ann.say("again, @echo?");
    assertEquals(await bot.answers(ann), "@ann again, @echo?");
    // Whether it comes to keeping its place after this one is left to chance.
  }
  for (const text of ["are you away, @echo?", "and now, @echo?", "and now, @echo?"]) {
    await ann.say(text);
    await using bot = new Bot(server.url, { env });
    assertEquals(await bot.answers(ann), `@ann ${text}`);
  }
  const stored = await server.running.room.log.read({ after: 0, limit: 100 });
  assertEquals(stored.filter(({ from }) => from.startsWith("echo")).map(({ id }) => id), [
    "re-2",
    "re-4",
    "re-6",
    "re-8",
    "re-10",
  ]);
  await Deno.remove(home, { recursive: true });
});
