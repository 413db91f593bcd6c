// Proxies as lib/PROXIES.md has them, run on free ports in front of a server of this process.
import { Output } from "../support/program.ts";
import { pair } from "../support/certificates.ts";

/** A proxy that the document has a configuration for. */
export interface Kind {
  readonly name: "nginx" | "caddy" | "haproxy";
  /** What starts it, with the whole configuration in a file. */
  command(file: string): readonly string[];
  /** What is around the document's part in a file of its own. */
  wrap(configuration: string, folder: string): string;
}

export const NGINX: Kind = {
  name: "nginx",
  command: (file) => ["nginx", "-c", file, "-e", "stderr"],
  wrap: (configuration, folder) =>
    [
      "daemon off; master_process off;",
      `pid ${folder}/pid;`,
      "events { worker_connections 512; }",
      "http {",
      "access_log off;",
      ...["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
        .map((name) => `${name}_temp_path ${folder}/${name};`),
      configuration,
      "}",
    ].join("\n"),
};

const CADDY: Kind = {
  name: "caddy",
  command: (file) => ["caddy", "run", "--adapter", "caddyfile", "--config", file],
  wrap: (configuration, folder) =>
    `{\n\tadmin off\n\tauto_https disable_redirects\n\tstorage file_system ${folder}\n}\n` +
    configuration,
};

export const HAPROXY: Kind = {
  name: "haproxy",
  command: (file) => ["haproxy", "-f", file],
  wrap: (configuration) => configuration,
};

export const KINDS: readonly Kind[] = [NGINX, CADDY, HAPROXY];

/** The document's configuration for a proxy, between `listen` and the server's port. */
export async function documented(
  { name }: Kind,
  { listen, server, folder }: { listen: number; server: number; folder: string },
): Promise<string> {
  const [text] = await blocksOf(name);
  const { cert, key } = pair("first");
  const both = `${folder}/both.pem`;
  await Deno.writeTextFile(both, Deno.readTextFileSync(cert) + Deno.readTextFileSync(key));
  return text
    .replaceAll("/etc/ssl/chat-and-key.pem", both)
    .replaceAll("/etc/ssl/chat.pem", cert)
    .replaceAll("/etc/ssl/chat.key", key)
    .replaceAll("127.0.0.1:8080", `127.0.0.1:${server}`)
    .replace("listen 443", `listen 127.0.0.1:${listen}`)
    .replace("bind :443", `bind 127.0.0.1:${listen}`)
    .replace(/^chat\.example\.org \{/m, `https://localhost:${listen} {`);
}

/** The same in front of several servers: the second block, and the first one as it says there. */
export async function documentedNodes(
  kind: Kind,
  { listen, servers, folder }: { listen: number; servers: readonly number[]; folder: string },
): Promise<string> {
  const first = await documented(kind, { listen, server: 8080, folder });
  const [, nodes] = await blocksOf(kind.name);
  if (nodes === undefined) throw new Error(`lib/PROXIES.md has no nodes for ${kind.name}`);
  const written = servers.reduce(
    (text, port, i) => text.replaceAll(`127.0.0.1:${8081 + i}`, `127.0.0.1:${port}`),
    nodes,
  );
  if (kind.name === "nginx") return written + first.replaceAll("127.0.0.1:8080", "room");
  return first.slice(0, first.indexOf("\nbackend room\n") + 1) + written;
}

/** The same configuration for plain HTTP: for clients that no certificate can be given to. */
export function withoutTls(configuration: string): string {
  return configuration.replace(" ssl http2", "").replaceAll(/^ *ssl_.*$/gm, "")
    .replace(/ ssl crt \S+ alpn \S+/, "").replace(
      "X-Forwarded-Proto https",
      "X-Forwarded-Proto http",
    );
}

/** The blocks of lib/PROXIES.md for a proxy. */
async function blocksOf(name: string): Promise<[string, ...string[]]> {
  const document = await Deno.readTextFile(new URL("../../lib/PROXIES.md", import.meta.url));
  const blocks = document.matchAll(new RegExp(`^\`\`\`${name}\n([^]*?)^\`\`\`$`, "gm"));
  const [first, ...others] = [...blocks].map(([, text]) => text!);
  if (first === undefined) throw new Error(`lib/PROXIES.md has no configuration for ${name}`);
  return [first, ...others];
}

/** Whether it is there, and whether it must be: see PARTYLINE_TEST_REQUIRE in `.ci/run`. */
export function isInstalled({ name }: Pick<Kind, "name">): { found: boolean; required: boolean } {
  const required = Deno.env.get("PARTYLINE_TEST_REQUIRE")?.split(",").includes(name) ?? false;
  const folders = [...(Deno.env.get("PATH") ?? "").split(":"), "/usr/sbin"];
  const found = folders.some((folder) => {
    try {
      return Deno.statSync(`${folder}/${name}`).isFile;
    } catch {
      return false;
    }
  });
  return { found, required };
}

/** A test with a proxy; skipped where there is none, unless it is required. */
export function proxyTest(kind: Kind, name: string, fn: () => Promise<void>): void {
  const { found, required } = isInstalled(kind);
  const ignore = !found && !required;
  Deno.test({ name: ignore ? `${name} (skipped: no ${kind.name} here)` : name, ignore, fn });
}

/** A port that nobody has now. */
export function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

/** A proxy that runs until it is disposed, with a configuration of its kind. */
export class Proxy implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #folder: string;
  readonly #outputs: readonly Output[];

  private constructor(child: Deno.ChildProcess, folder: string) {
    this.#child = child;
    this.#folder = folder;
    this.#outputs = [new Output(child.stdout), new Output(child.stderr)];
  }

  /** `configure` is given a folder of its own. Resolves when somebody answers at the port. */
  static async start(
    kind: Kind,
    port: number,
    configure: (folder: string) => Promise<string> | string,
  ): Promise<Proxy> {
    const folder = await Deno.makeTempDir({ prefix: "partyline-" });
    const file = `${folder}/configuration`;
    await Deno.writeTextFile(file, kind.wrap(await configure(folder), folder));
    const [command, ...args] = kind.command(file);
    const PATH = `${Deno.env.get("PATH")}:/usr/sbin`;
    const child = new Deno.Command(command!, {
      args,
      env: { PATH, HOME: folder },
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    const proxy = new Proxy(child, folder);
    let ended = false;
    child.status.then(() => ended = true);
    for (;;) {
      try {
        (await Deno.connect({ hostname: "127.0.0.1", port })).close();
        return proxy;
      } catch {
        if (ended) {
          const said = proxy.#outputs.map(({ text }) => text).join("\n");
          await proxy[Symbol.asyncDispose]();
          throw new Error(`${kind.name} does not start:\n${said}`);
        }
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      this.#child.kill("SIGKILL");
    } catch {
      // best effort: it has ended
    }
    await this.#child.status;
    await Promise.all(this.#outputs.map(({ ended }) => ended));
    await Deno.remove(this.#folder, { recursive: true });
  }
}
