import { assert, assertEquals, assertMatch } from "@std/assert";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseFlags } from "../lib/cli/flags/mod.ts";
import { limitsOf } from "../lib/cli/serve/limit_flags.ts";
import { command } from "../lib/cli/serve/serve.ts";
import { freePorts, natsHere } from "./support/nats.ts";
import { Output } from "./support/program.ts";

const ROOT = fileURLToPath(new URL("../", import.meta.url));
/** Far longer than any command takes; only a test that fails waits for it. */
const PATIENCE_MS = 30_000;

/** The ports in the documents. */
const HTTP_PORT = "8080";
const TCP_PORT = "9999";
const NATS_PORT = "4222";

/** The shells that the documents are for; one that is not installed is skipped. */
const SHELLS: Readonly<Record<string, readonly string[]>> = {
  sh: ["sh", "-e", "-c"],
  zsh: ["zsh", "-f", "-e", "-c"],
};

/** What a reader does with one command, or one block of them, and how it is seen to have worked. */
interface Act {
  readonly command: RegExp;
  /** Typed into it. */
  readonly types?: string;
  readonly shows: RegExp;
  /** Shows it where errors are told. */
  readonly toStderr?: true;
  /** Ends by itself; else it is ended, as by Ctrl-C, when it has shown what it should. */
  readonly ends?: true;
  /** A server that the next commands speak to: the only one, or one that runs beside those before. */
  readonly serves?: "alone" | "beside";
}

const README_ACTS: readonly Act[] = [
  { command: /^git clone .*\ncd partyline\n.* task start$/, shows: /^tcp:.*$/m, serves: "alone" },
  { command: /^curl -d .*\ncurl .*\/poll/, shows: /"from":"ann","text":"hello"/, ends: true },
  { command: /task start --host 0\.0\.0\.0$/, shows: /^tcp:.*$/m, serves: "alone" },
  { command: /task chat --name bob$/, types: "hi\n", shows: /bob/ },
  { command: /^curl -N .*\/events/, shows: /"name":"cleo"[^]*event: live/ },
  { command: /^curl -N .*\/stream/, shows: /"name":"dan"[^]*"type":"live"/ },
  { command: /^curl '.*\/poll/, shows: /"events":\[.*"cursor":/, ends: true },
  { command: /^nc /, types: "eve\nhi\nquit\n", shows: /#\d+ eve: hi/ },
];

/** More than one machine, where there is NATS. */
const NODES_ACTS: readonly Act[] = [
  { command: /^nats-server /, shows: /Server is ready/, toStderr: true, serves: "beside" },
  {
    command: /task export .*\n.* task import .* --log nats:/,
    shows: /^[1-9]\d* messages/m,
    ends: true,
  },
  { command: /task start --log .* --data node-\d/, shows: /^tcp:.*$/m, serves: "beside" },
  { command: /^curl -d .*:8082.*\ncurl .*:8081/, shows: /"from":"ann","text":"hello/, ends: true },
];

const OPERATING_ACTS: readonly Act[] = [
  {
    command: /^mkdir -m 700 secrets\n.*\n.* task start --data guarded --password-file \S+$/,
    shows: /^tcp:.*$/m,
  },
  {
    command: /task operator ann\n.* --list\n.* --remove ann$/,
    shows: /^ann {2}since .*\nann is no operator any more/m,
    ends: true,
  },
  { command: /^npx .* task start --check$/, shows: /^ok +the page can be made$/m, ends: true },
  { command: /task backup --all saved$/, shows: /^[1-9]\d* messages, people/, ends: true },
  { command: /^cp -r saved .*\n.* task start --data restored$/, shows: /^tcp:.*$/m },
  {
    command: /task backup --all before-the-upgrade\n.* task start --check$/,
    shows: /^ok .* its database is sound$/m,
    ends: true,
  },
  {
    command: /^cp -r before-the-upgrade .*\n.* task start --data rolled-back$/,
    shows: /^tcp:.*$/m,
  },
  { command: /^.* task export .*\n.* task import .*$/, shows: /^[1-9]\d* messages/m, ends: true },
];

/** Commands that no test runs, with the reason. */
const NOT_RUN: readonly { readonly command: RegExp; readonly because: string }[] = [
  { command: /wscat/, because: "it fetches a package that this project does not pin" },
  {
    command: /bot_example\.ts$/,
    because: "tests/client/bot_test.ts runs it, kills it and runs it again",
  },
  { command: /task operator mira$/, because: "lib/OPERATING.md's is run" },
  {
    command: /--tls-cert \/etc\/letsencrypt/,
    because: "it wants a public name; tests/base/net/tls/ and tests/access/ start servers like it",
  },
  { command: /systemctl/, because: "it needs root; tests/deploy/ looks at the unit" },
  { command: /nginx|^map /, because: "it is a proxy's configuration" },
];

for (const [shell, run] of Object.entries(SHELLS)) {
  Deno.test({
    name: `the commands of README.md and lib/OPERATING.md work in ${shell}, one after the other`,
    ignore: !await installed(shell),
    async fn() {
      await using reader = await Newcomer.arrive(run);
      const { found, required } = natsHere();
      await reader.follow(
        await commandsIn("README.md"),
        found || required ? [...NODES_ACTS, ...README_ACTS] : README_ACTS,
        found || required ? NOT_RUN : [...NOT_RUN, ...NODES_ACTS],
      );
      const { names } = await (await fetch(`${reader.url}/api/presence`)).json();
      const { events } = await (await fetch(`${reader.url}/api/messages?limit=200`)).json();
      for (const name of [...names, ...events.map(({ from }: { from: string }) => from)]) {
        assertMatch(name, /^(ann|bob|cleo|dan|eve)$/, "somebody was given another name");
      }
      await reader.follow(await commandsIn("lib/OPERATING.md"), OPERATING_ACTS);
    },
  });
}

Deno.test("a command can be pasted into any shell: nothing unquoted, no comment, no wait without end", async () => {
  const commands = [
    ...await commandsIn("README.md"),
    ...await commandsIn("lib/OPERATING.md"),
    ...await commandsIn("lib/README.md"),
  ];
  for (const line of commands.flatMap((command) => command.split("\n"))) {
    const unquoted = line.replace(/'[^']*'/g, "");
    // An interactive zsh takes a comment for arguments, and ?, * and [ for names of files.
    assert(!/[?&*[\]#<>$!"`;|]/.test(unquoted), `not for every shell: ${line}`);
    assert(!/(^|\s)deno\s/.test(unquoted), `not for somebody who has only Node: ${line}`);
    // A poll of an empty room is answered after `wait`: 25 s, which looks hung.
    if (line.includes("/poll?")) assertMatch(line, /wait=[0-5]\b/);
  }
});

Deno.test("the bot in the README is the one that was run", async () => {
  const [, bot] = /```ts\n([^]*?)```/.exec(await textOf("README.md")) ?? [];
  assertEquals(bot, await textOf("tests/client/bot_example.ts"));
});

Deno.test("every path and link in the documents exists", async () => {
  const missing: string[] = [];
  for (const document of await documents()) {
    const text = await textOf(document);
    const paths = [...text.matchAll(/(?<![\w./-])(?:lib|static|tests)\/[\w./-]*\w\/?/g)]
      .map(([path]) => path);
    const links = [...text.matchAll(/\]\((?!\w+:|#)([^)#]+)/g)]
      .map(([, link]) => join(dirname(document), link!));
    for (const path of new Set([...paths, ...links])) {
      if (!await exists(join(ROOT, path))) missing.push(`${document}: ${path}`);
    }
  }
  assertEquals(missing, []);
});

Deno.test("lib/OPERATING.md names the options that there are, and no others", async () => {
  const help = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "-A", `${ROOT}main.ts`, "serve", "--help"],
  }).output();
  const flags = (text: string, pattern: RegExp) =>
    [...text.matchAll(pattern)].map(([, flag]) => flag!)
      .filter((flag) => flag !== "--help" && flag !== "--version").sort();
  assertEquals(
    flags(await textOf("lib/OPERATING.md"), /^\| `(--[\w-]+)`/gm),
    flags(new TextDecoder().decode(help.stdout), /^ {2}(--[\w-]+)/gm),
  );
});

Deno.test("the defaults that lib/OPERATING.md and lib/PROTOCOL.md state are those of the program", async () => {
  const { flags } = command;
  const documented = await textOf("lib/OPERATING.md");
  const stated = new Map(
    [...documented.matchAll(/^\| `--([\w-]+)` +\| (?:`([^`]*)`)? *\|/gm)]
      .map(([, name, value]) => [name!, value ?? ""]),
  );
  for (const [name, { value, typed, default: usual, secret }] of Object.entries(flags)) {
    if (secret) {
      const variable = `PARTYLINE_${name.toUpperCase()}`;
      assert(documented.includes(`\`${variable}\``), variable);
      continue;
    }
    const flag = value === undefined && usual === true ? `no-${name}` : name;
    const expected = value === undefined ? "" : String(typed ?? usual ?? "");
    assertEquals(stated.get(flag), expected, `--${flag}`);
  }
  const wire = (await textOf("lib/PROTOCOL.md")).replaceAll(",", "");
  const limits = limitsOf(parseFlags(command, [], {}).values, false);
  const { frames, addressFrames, seeks, requests, reads, connects, attempts } = limits;
  for (const rate of [frames, addressFrames, seeks, requests, reads, connects, attempts]) {
    assert(rate);
    const perSecond = `${rate.perSecond} a second ${rate.burst} at once`;
    const perMinute = `${60 * rate.perSecond} a minute ${rate.burst} at once`;
    assert(wire.includes(perSecond) || wire.includes(perMinute), perSecond);
  }
});

/** Somebody with an empty folder, who copies what the documents say into a shell. */
class Newcomer implements AsyncDisposable {
  readonly #shell: readonly string[];
  readonly #home: string;
  readonly #owned: AsyncDisposableStack;
  #folder: string;
  #servers: Running[] = [];
  /** Where the servers are that run now, by the ports that they have in the document. */
  readonly #ports = new Map<string, string>();

  private constructor(shell: readonly string[], home: string, owned: AsyncDisposableStack) {
    this.#shell = shell;
    this.#home = home;
    this.#folder = home;
    this.#owned = owned;
  }

  static async arrive(shell: readonly string[]): Promise<Newcomer> {
    await using arriving = new AsyncDisposableStack();
    const home = await Deno.makeTempDir({ prefix: "partyline-newcomer-" });
    arriving.defer(() => Deno.remove(home, { recursive: true }));
    await Deno.mkdir(`${home}/bin`);
    await tool(`${home}/bin/npx`, npx(Deno.execPath()));
    await tool(`${home}/bin/git`, gitClone(ROOT));
    return new Newcomer(shell, home, arriving.move());
  }

  get url(): string {
    return `http://127.0.0.1:${this.#ports.get(HTTP_PORT)}`;
  }

  /** Every command once, in order; each must have an act, and each act a command. */
  async follow(
    commands: readonly string[],
    acts: readonly Act[],
    without: readonly Pick<Act, "command">[] = NOT_RUN,
  ): Promise<void> {
    const done = new Set<Act>();
    for (const command of commands) {
      if (without.some((not) => not.command.test(command))) continue;
      const act = acts.find((act) => act.command.test(command));
      assert(act, `nobody has said how this is seen to work: ${command}`);
      await this.#perform(act, command);
      done.add(act);
    }
    assertEquals(acts.filter((act) => !done.has(act)), []);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#owned.disposeAsync();
  }

  async #perform(act: Act, command: string): Promise<void> {
    if (act.serves === "alone") await this.#endServers();
    const running = new Running([...this.#shell, this.#adapt(command)], {
      cwd: this.#folder,
      env: { PATH: `${this.#home}/bin:${Deno.env.get("PATH")}:/usr/sbin`, NO_COLOR: "1" },
    });
    this.#owned.use(running);
    if (act.types !== undefined) await running.type(act.types);
    await (act.toStderr ? running.errors : running.output).until(act.shows);
    if (act.serves) {
      this.#servers.push(running);
      if (!act.toStderr) await this.#note(command, running.output);
    } else if (act.ends) {
      assertEquals(await running.ended(), 0, command);
    } else {
      await running.interrupt();
    }
  }

  async #note(command: string, output: Output): Promise<void> {
    const [, http] = await output.until(/^http:.*:(\d+)\/$/m);
    const [, tcp] = await output.until(/^tcp:\S*:(\d+)/m);
    this.#ports.set(/ --port (\d+)/.exec(command)?.[1] ?? HTTP_PORT, http!);
    this.#ports.set(/ --tcp-port (\d+)/.exec(command)?.[1] ?? TCP_PORT, tcp!);
    this.#folder = `${this.#home}/partyline`;
  }

  /** The newest first: what came later may need what came before. */
  async #endServers(): Promise<void> {
    for (const server of this.#servers.splice(0).reverse()) await server.interrupt();
  }

  /**
   * The command with free ports, and on the loopback only: what a server on all addresses answers is
   * for the tests of the origin to say.
   */
  #adapt(command: string): string {
    const portOf = (port: string) => this.#ports.get(port) ?? port;
    if (!this.#ports.has(NATS_PORT)) this.#ports.set(NATS_PORT, String(freePorts(1)[0]));
    return command
      .replaceAll(
        /127\.0\.0\.1([: ])(\d+)/g,
        (_, between, port) => `127.0.0.1${between}${portOf(port)}`,
      )
      .replace("--host 0.0.0.0", "--host 127.0.0.1")
      .replaceAll(/ --(tcp-)?port \d+/g, "")
      .replace(/task start/, "task start --port 0 --tcp-port 0")
      .replace(/^nats-server/, `nats-server -a 127.0.0.1 -p ${portOf(NATS_PORT)}`)
      .replace(/task chat.*/, `$& ws://127.0.0.1:${portOf(HTTP_PORT)}`);
  }
}

/** A command and what it starts, ended together. */
class Running implements AsyncDisposable {
  readonly output: Output;
  readonly errors: Output;
  readonly #child: Deno.ChildProcess;
  readonly #stdin: WritableStreamDefaultWriter<Uint8Array>;
  readonly #late: ReturnType<typeof setTimeout>;
  #ended = false;

  constructor([command, ...args]: readonly string[], options: Deno.CommandOptions) {
    this.#child = new Deno.Command(command!, {
      ...options,
      args,
      detached: true, // a process group of its own
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    this.output = new Output(this.#child.stdout);
    this.errors = new Output(this.#child.stderr);
    this.#stdin = this.#child.stdin.getWriter();
    this.#late = setTimeout(() => this.#signal("SIGKILL"), PATIENCE_MS);
  }

  async type(text: string): Promise<void> {
    await this.#stdin.write(new TextEncoder().encode(text));
  }

  /** As Ctrl-C in a terminal: all that the command has started is told. */
  async interrupt(): Promise<void> {
    this.#signal("SIGINT");
    await this.ended();
  }

  async ended(): Promise<number> {
    const { code } = await this.#child.status;
    await Promise.all([this.output.ended, this.errors.ended]);
    await this.#stdin.close().catch(() => {}); // nobody reads it any more
    this.#ended = true;
    clearTimeout(this.#late);
    return code;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#ended) return;
    this.#signal("SIGKILL");
    await this.ended();
  }

  #signal(signal: Deno.Signal): void {
    try {
      Deno.kill(-this.#child.pid, signal);
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error; // it has ended by itself
    }
  }
}

/** The Deno that runs the test, where npx would fetch the one from npm. */
function npx(deno: string): string {
  return `[ "$1 $2" = "-y deno@2.9" ] || exit 99\nshift 2\nexec '${deno}' "$@"`;
}

/** A copy of the tree, without what no command of the documents needs. */
function gitClone(root: string): string {
  return [
    '[ "$1" = clone ] || exit 99',
    'to="$PWD/$(basename "$2" .git)"',
    'mkdir "$to"',
    `cd '${root}'`,
    'cp -r deno.json deno.lock main.ts lib static "$to"',
  ].join("\n");
}

async function tool(path: string, script: string): Promise<void> {
  await Deno.writeTextFile(path, `#!/bin/sh\nset -e\n${script}\n`, { mode: 0o755 });
}

/** What a document has for a shell, in order: its blocks, and what stands in a line of its text. */
async function commandsIn(document: string): Promise<string[]> {
  const text = await textOf(document);
  const shell = /^```sh\n([^]*?)\n```$|`((?:npx -y [^\s`]+|curl|nc|git clone) [^`\n]+)`/gm;
  const found = [...text.matchAll(shell)];
  return found.map(([, block, inline]) => block ?? inline!);
}

async function documents(): Promise<string[]> {
  const found: string[] = [];
  const visit = async (folder: string) => {
    for await (const { name, isDirectory } of Deno.readDir(join(ROOT, folder))) {
      if (name.startsWith(".") || name === "node_modules" || name === "data") continue;
      if (isDirectory) await visit(join(folder, name));
      else if (name.endsWith(".md")) found.push(join(folder, name));
    }
  };
  await visit("");
  return found;
}

async function textOf(path: string): Promise<string> {
  return await Deno.readTextFile(join(ROOT, path));
}

async function exists(path: string): Promise<boolean> {
  return await Deno.stat(path).then(() => true, () => false);
}

async function installed(command: string): Promise<boolean> {
  for (const folder of (Deno.env.get("PATH") ?? "").split(":")) {
    if (await exists(`${folder}/${command}`)) return true;
  }
  return false;
}
