import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A peer that cannot be run here, and how to change that. */
export class Missing extends Error {
  override readonly name = "Missing";
}

/**
 * What peers are built from. npm packages and binaries are kept in a folder of the system's
 * temporary one, outside the project, and found there again by the next run.
 */
export class Toolchain {
  readonly dir = join(tmpdir(), "partyline-bench");
  /** An empty folder of this run, for what servers store. The caller removes it. */
  readonly scratch = Deno.makeTempDirSync({ prefix: "partyline-bench-run-" });

  /** The output of a command, trimmed. Throws Missing where it is not there or fails. */
  async run(command: string, args: readonly string[], options: RunOptions = {}): Promise<string> {
    const { hint = `${command} is not installed`, env = {}, limitMs = 10_000 } = options;
    try {
      const { success, stdout, stderr } = await new Deno.Command(command, {
        args: [...args],
        env,
        stdin: "null",
        stdout: "piped",
        stderr: "piped",
        signal: AbortSignal.timeout(limitMs),
      }).output();
      const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes).trim();
      if (!success) throw new Missing(`${hint} (${text(stderr).split("\n").at(-1)})`);
      return text(stdout) || text(stderr);
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) throw new Missing(hint);
      throw error;
    }
  }

  /** Node's version. Deno answers to its name where there is none, and that is no peer. */
  async node(): Promise<string> {
    const version = await this.run("node", ["--version"]);
    if (!/^v\d/.test(version)) throw new Missing("node is not installed");
    return version;
  }

  /** The folder that holds node_modules with these packages, each with its exact version. */
  async npm(...packages: string[]): Promise<string> {
    const dir = join(this.dir, packages.join("+").replaceAll("/", "_"));
    const done = join(dir, ".installed");
    if (await exists(done)) return dir;
    await Deno.mkdir(dir, { recursive: true });
    const flags = ["install", "--prefix", dir, "--no-audit", "--no-fund", "--loglevel", "error"];
    await this.run("npm", [...flags, ...packages], {
      hint: "npm is not installed, or its registry is out of reach",
      limitMs: 120_000,
    });
    await Deno.writeTextFile(done, "");
    return dir;
  }

  /** A Go program, built from one file with Debian's Go packages. */
  async go(source: string): Promise<string> {
    const binary = join(this.dir, "gorilla_hub");
    const hint = "apt-get install golang-go golang-github-gorilla-websocket-dev";
    await Deno.mkdir(this.dir, { recursive: true });
    await this.run("go", ["build", "-o", binary, source], {
      hint,
      env: { GO111MODULE: "off", GOPATH: "/usr/share/gocode", GOFLAGS: "" },
      limitMs: 120_000,
    });
    return binary;
  }
}

type RunOptions = {
  /** What to say where it does not work. */
  readonly hint?: string;
  readonly env?: Record<string, string>;
  readonly limitMs?: number;
};

export async function exists(path: string): Promise<boolean> {
  try {
    await Deno.stat(path);
    return true;
  } catch {
    return false;
  }
}

/** A port that was free a moment ago, for servers that cannot choose one and say so. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      const port = typeof address === "object" && address !== null ? address.port : 0;
      server.close(() => resolve(port));
    });
  });
}
