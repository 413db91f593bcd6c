import { Assets } from "../../lib/page/assets.ts";
import type { Bundle } from "../../lib/page/bundle.ts";
import { perform } from "../../lib/page/jobs.ts";
import type { Bytes, Coding } from "../../lib/page/representation.ts";

/** The least that a page is made of. */
const FILES: Readonly<Record<string, string>> = {
  "index.html": "<p>{{ room }}</p>",
  "app.ts": "const n: number = 1;\nconsole.log(n);\n",
  "early.ts": "early();\ndeclare function early(): void;\n",
  "sw.ts": "self;\n",
  "page.css": "p { color: red }\n",
  "later.css": "b { color: red }\n",
  "icon.svg": "<svg/>",
};

/** Calls `use` with a page's folder, `static/` in a project of its own, that has these files too. */
export async function withFolder<T>(
  files: Readonly<Record<string, string>>,
  use: (folder: URL) => Promise<T>,
): Promise<T> {
  const project = await Deno.makeTempDir();
  try {
    const folder = new URL(`file://${project}/static/`);
    for (const [name, text] of Object.entries({ ...FILES, ...files })) {
      const file = new URL(name, folder);
      await Deno.mkdir(new URL(".", file), { recursive: true });
      await Deno.writeTextFile(file, text);
    }
    return await use(folder);
  } finally {
    await Deno.remove(project, { recursive: true });
  }
}

/** The least page, and these files. */
export function load(
  files: Readonly<Record<string, string>> = {},
  bundle?: Bundle,
): Promise<Assets> {
  return withFolder(files, (folder) => Assets.load(folder, bundle));
}

/** Without a thread. */
export function compress(bytes: Bytes, coding: Coding): Promise<Bytes> {
  return Promise.resolve(perform({ type: "compress", bytes, coding, quality: 5 }));
}

export function request(path: string, headers: HeadersInit = {}, method = "GET"): Request {
  return new Request(new URL(path, "http://127.0.0.1/"), { method, headers });
}
