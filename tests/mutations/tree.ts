import { filesIn } from "../architecture/tree.ts";
import type { Mutation } from "./places.ts";

const ROOT = new URL("../../", import.meta.url);

/** A mutation of one file of the tree. */
export interface Mutant extends Mutation {
  /** From the root, as `lib/room/room.ts`. */
  readonly path: string;
  readonly before: string;
}

/** How a command ended: by itself, or not within its time. */
export type Ended = "passed" | "failed" | "timed out";

/** A copy of the project in which one file at a time is changed. Gone when disposed. */
export class MutableTree implements AsyncDisposable {
  readonly #dir: string;

  private constructor(dir: string) {
    this.#dir = dir;
  }

  static async copy(): Promise<MutableTree> {
    const dir = await Deno.makeTempDir({ prefix: "partyline-mutations-" });
    const files = ["main.ts", "deno.json", "deno.lock", "README.md"];
    for (const path of [...files, ...await filesIn("lib/", "static/", "tests/")]) {
      await Deno.mkdir(`${dir}/${path.replace(/[^/]*$/, "")}`, { recursive: true });
      await Deno.copyFile(new URL(path, ROOT), `${dir}/${path}`);
    }
    return new MutableTree(dir);
  }

  /** Every mutation of the files below some paths, always in the same order. */
  async mutants(paths: readonly string[]): Promise<Mutant[]> {
    const config = `${this.#dir}/mutations.json`;
    const rules = { tags: [], include: ["mutations/places"] };
    const plugins = [new URL("places.ts", import.meta.url).href];
    await Deno.writeTextFile(config, JSON.stringify({ lint: { plugins, rules } }));
    const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["lint", "--json", "--config", config, ...paths],
      cwd: this.#dir,
    }).output();
    await Deno.remove(config);
    const { diagnostics, errors } = parseReport(stdout, stderr);
    if (errors.length > 0) throw new Error(JSON.stringify(errors));
    const found = await Promise.all(diagnostics.map(async ({ filename, message }) => {
      const path = filename.slice(`file://${await Deno.realPath(this.#dir)}/`.length);
      return { ...JSON.parse(message) as Mutation, path, before: await this.#read(path) };
    }));
    return found.filter(({ path }) => !path.endsWith(".d.ts")).toSorted((a, b) =>
      a.path === b.path ? a.start - b.start || a.end - b.end : a.path < b.path ? -1 : 1
    );
  }

  /** The tree has this change until disposed. */
  async apply({ path, before, start, end, text }: Mutant): Promise<AsyncDisposable> {
    await this.#write(path, before.slice(0, start) + text + before.slice(end));
    return { [Symbol.asyncDispose]: () => this.#write(path, before) };
  }

  /** Runs `deno` in the tree, and ends it with all that it started when its time is up. */
  async deno(args: readonly string[], limitMs: number): Promise<Ended> {
    const child = new Deno.Command(Deno.execPath(), {
      args: [...args],
      cwd: this.#dir,
      stdin: "null",
      stdout: "null",
      stderr: "null",
      detached: true, // a process group of its own
    }).spawn();
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      Deno.kill(-child.pid, "SIGKILL");
    }, limitMs);
    const { success } = await child.status;
    clearTimeout(timer);
    return late ? "timed out" : success ? "passed" : "failed";
  }

  async exists(path: string): Promise<boolean> {
    try {
      await Deno.stat(`${this.#dir}/${path}`);
      return true;
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return false;
      throw error;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.#dir, { recursive: true });
  }

  #read(path: string): Promise<string> {
    return Deno.readTextFile(`${this.#dir}/${path}`);
  }

  #write(path: string, text: string): Promise<void> {
    return Deno.writeTextFile(`${this.#dir}/${path}`, text);
  }
}

/** Where a mutant differs: its line, and the lines before and after. */
export function diffOf({ path, before, start, end, text }: Mutant): string {
  const from = before.lastIndexOf("\n", start - 1) + 1;
  const next = before.indexOf("\n", end);
  const to = next < 0 ? before.length : next;
  const line = before.slice(0, from).split("\n").length;
  const mark = (sign: string, lines: string) =>
    lines.split("\n").map((each) => `${sign} ${each}`).join("\n");
  const after = before.slice(from, start) + text + before.slice(end, to);
  return `${path}:${line}\n${mark("-", before.slice(from, to))}\n${mark("+", after)}`;
}

interface Report {
  readonly diagnostics: readonly { readonly filename: string; readonly message: string }[];
  readonly errors: readonly unknown[];
}

function parseReport(stdout: Uint8Array, stderr: Uint8Array): Report {
  const utf8 = new TextDecoder();
  try {
    return JSON.parse(utf8.decode(stdout));
  } catch (cause) {
    throw new Error(`deno lint did not answer: ${utf8.decode(stderr)}`, { cause });
  }
}
