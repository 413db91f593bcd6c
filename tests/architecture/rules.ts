import { PAGE_ONLY, type Room, SERVER_ONLY } from "./rooms.ts";
import { COMPUTED, type Import, type Source } from "./source.ts";

/** A folder has a dozen files at most, or nobody sees what is in it. */
const DOZEN = 12;

/** Modules that import each other in a circle, each circle once. */
export function circles(sources: readonly Source[]): string[] {
  const byPath = new Map(sources.map((source) => [source.path, source]));
  const problems = new Set<string>();
  const done = new Set<string>();
  const visit = (path: string, way: readonly string[]): void => {
    if (way.includes(path)) {
      problems.add(`a circle: ${turned(way.slice(way.indexOf(path))).join(" → ")}`);
      return;
    }
    if (done.has(path)) return;
    for (const { to, own } of byPath.get(path)?.imports ?? []) {
      if (own) visit(to, [...way, path]);
    }
    done.add(path);
  };
  for (const { path } of sources) visit(path, []);
  return [...problems].toSorted();
}

/** A circle from its first module in the order of the alphabet, back to there. */
function turned(circle: readonly string[]): string[] {
  const at = circle.indexOf(circle.toSorted()[0]!);
  return [...circle.slice(at), ...circle.slice(0, at), circle[at]!];
}

/** Imports against the direction, and those that nothing can be said of. */
export function wrongWay(sources: readonly Source[], rooms: readonly Room[]): string[] {
  return sources.flatMap((source) => {
    const from = roomOf(source.path, rooms);
    if (!from) return [`${source.path}: is in no room`];
    return source.imports.flatMap((each) => {
      if (each.to === COMPUTED) return [`${place(source, each)}: imports what cannot be known`];
      if (!each.own || from.files?.includes(each.to)) return [];
      if (source.path.startsWith("lib/") && each.to.startsWith("static/")) {
        return [`${place(source, each)}: lib/ imports ${each.to} of static/`];
      }
      const to = roomOf(each.to, rooms);
      // What is no module (a manifest) belongs to nobody.
      if (!to && !each.to.endsWith(".ts")) return [];
      if (to === from || (to && from.mayImport.includes(to.name))) return [];
      const may = from.mayImport.join(", ") || "nothing";
      return [`${place(source, each)}: imports ${each.to}; ${from.name} may import ${may}`];
    });
  });
}

/** Imports from outside a folder that has a `mod.ts`, of anything else in it. */
export function insides(sources: readonly Source[]): string[] {
  const faced = sources.filter(({ path }) => path.endsWith("/mod.ts"))
    .map(({ path }) => path.slice(0, -"mod.ts".length));
  return sources.flatMap((source) =>
    source.imports.flatMap((each) =>
      faced.filter((folder) =>
        each.own && each.to.startsWith(folder) && each.to !== `${folder}mod.ts` &&
        !source.path.startsWith(folder)
      ).map((folder) => `${place(source, each)}: imports ${each.to}; take ${folder}mod.ts`)
    )
  );
}

/** Folders with more files than a dozen. Files of any kind count, folders do not. */
export function crowded(paths: readonly string[]): string[] {
  const folders = Map.groupBy(paths, (path) => path.slice(0, path.lastIndexOf("/") + 1));
  return [...folders].filter(([, files]) => files.length > DOZEN)
    .map(([folder, files]) => `${folder}: has ${files.length} files`).toSorted();
}

/**
 * Uses of what only one side has, in modules that run on both: the rooms that say so, and all of lib/
 * that they and static/ import.
 */
export function oneSided(
  sources: readonly Source[],
  rooms: readonly Room[],
  globals: { readonly browser: readonly string[]; readonly server: readonly string[] },
): string[] {
  const server = new Set(globals.server);
  const forbidden = new Set([
    ...globals.browser.filter((name) => !server.has(name)),
    ...SERVER_ONLY,
    ...PAGE_ONLY,
  ]);
  return bothSides(sources, rooms).flatMap((source) => [
    ...source.imports.filter(({ own, to }) => !own && to !== COMPUTED)
      .map((each) => `${place(source, each)}: runs on both sides and imports ${each.to}`),
    ...source.free.filter(({ name }) => forbidden.has(name))
      .map((each) => `${place(source, each)}: runs on both sides and uses ${each.name}`),
  ]);
}

function bothSides(sources: readonly Source[], rooms: readonly Room[]): Source[] {
  const byPath = new Map(sources.map((source) => [source.path, source]));
  const seen = new Set<Source>();
  const reach = (source: Source | undefined): void => {
    if (!source || seen.has(source)) return;
    seen.add(source);
    for (const { own, to } of source.imports) if (own) reach(byPath.get(to));
  };
  for (const source of sources) {
    if (source.path.startsWith("static/") || roomOf(source.path, rooms)?.bothSides) reach(source);
  }
  return [...seen].filter(({ path }) => path.startsWith("lib/"));
}

/** Declarations at the top level of a module that hide a global of the browser or of Deno. */
export function shadows(
  sources: readonly Source[],
  globals: Iterable<string>,
  excepted: Readonly<Record<string, string>>,
): string[] {
  const all = new Set(globals);
  const found = sources.flatMap((source) =>
    source.declared.filter(({ name }) => all.has(name)).map((each) => ({ source, each }))
  );
  const keys = new Set(found.map(({ source, each }) => `${source.path} ${each.name}`));
  return [
    ...found.filter(({ source, each }) => !Object.hasOwn(excepted, `${source.path} ${each.name}`))
      .map(({ source, each }) => `${place(source, each)}: ${each.name} hides the global`),
    ...Object.keys(excepted).filter((key) => !keys.has(key))
      .map((key) => `${key}: is excepted and is not there`),
  ];
}

function roomOf(path: string, rooms: readonly Room[]): Room | undefined {
  return rooms.find(({ paths }) =>
    paths.some((own) => own.endsWith("/") ? path.startsWith(own) : path === own)
  );
}

function place(source: Source, { line }: Pick<Import, "line">): string {
  return `${source.path}:${line}`;
}
