import { parseSource, type Source } from "./source.ts";

const ROOT = new URL("../../", import.meta.url);

/** All files of some folders, from the root of the project, in the order of the alphabet. */
export async function filesIn(...folders: string[]): Promise<string[]> {
  const found = await Promise.all(folders.map(async (folder) => {
    const entries = await Array.fromAsync(Deno.readDir(new URL(folder, ROOT)));
    return Promise.all(
      entries.map(({ name, isDirectory }) =>
        isDirectory ? filesIn(`${folder}${name}/`) : [`${folder}${name}`]
      ),
    );
  }));
  return found.flat(2).toSorted();
}

/** The modules of the program: main.ts, lib/ and static/. */
export function program(): Promise<Source[]> {
  return read(["main.ts"], "lib/", "static/");
}

/** The modules of a folder. */
export function modulesIn(folder: string): Promise<Source[]> {
  return read([], folder);
}

async function read(files: readonly string[], ...folders: string[]): Promise<Source[]> {
  const modules = [...files, ...await filesIn(...folders)].filter((path) => path.endsWith(".ts"));
  return Promise.all(
    modules.map(async (path) => parseSource(path, await Deno.readTextFile(new URL(path, ROOT)))),
  );
}

/**
 * Every name that a window of Chromium 156 has: `Object.getOwnPropertyNames` of `window` and of its
 * prototypes up to that of `Object`.
 */
export async function browserGlobals(): Promise<string[]> {
  const text = await Deno.readTextFile(new URL("browser_globals.txt", import.meta.url));
  return text.trim().split(/\s+/);
}
