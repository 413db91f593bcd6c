/** Modules as one, and where each line of it comes from. */
export interface Joined {
  readonly text: string;
  /** A source map (ECMA-426), as JSON: with it a browser shows each module under its own name. */
  readonly map: string;
}

/**
 * A module and all that it imports as one, so that a browser asks once and not once a module. Each
 * is a function that returns what it exports: its names stay its own, its lines as they are but for
 * comments, and they run in the order in which a browser would run them. Knows the two forms that the page's
 * modules use, named imports of a neighbour and exported declarations; throws a SyntaxError at any
 * other, and at modules that import each other in a circle.
 */
export function joinModules(entry: string, read: (name: string) => string): Joined {
  const modules = new Map<string, string>();
  const open: string[] = [];
  const visit = (name: string) => {
    if (modules.has(name)) return;
    const circle = open.includes(name);
    open.push(name);
    if (circle) throw new SyntaxError(`Cannot join modules in a circle: ${open.join(", ")}`);
    const text = read(name);
    for (const [, , from] of text.matchAll(IMPORT)) visit(`${from}.ts`);
    modules.set(name, wrap(name, text));
    open.pop();
  };
  visit(entry);
  return { text: [...modules.values()].join(""), map: sourceMap(modules) };
}

const IMPORT = /^import \{([^}]*)\} from "\.\/(\w+)\.ts";$/gm;
const EXPORT = /^export (?=(?:async )?(?:function|class|const) (\w+))/gm;
/** On lines of its own. A text over several lines that looks like one would go too; there is none. */
const COMMENT = /^[ \t]*(?:\/\/.*|\/\*(?:(?!\*\/)[^])*\*\/)$/gm;
const OTHER = /^(?:import|export)\b.*/m;

/** One line before the module's own, and one after them. */
function wrap(name: string, text: string): string {
  const exported = Array.from(text.matchAll(EXPORT), (match) => match[1]);
  const body = text.trimEnd()
    // A fifth of what is sent would be comments; the modules themselves, which the map names, have them.
    .replace(COMMENT, (comment) => comment.replace(/.+/g, ""))
    .replace(EXPORT, "")
    .replace(IMPORT, (_, names: string, from: string) => {
      return `const {${names.replaceAll(" as ", ": ")}} = $${from};`;
    });
  const other = OTHER.exec(body)?.[0];
  if (other) {
    const wanted = `import { … } from "./file.ts" or an exported function, class or const`;
    throw new SyntaxError(`Cannot join ${name}: "${other}", wanted ${wanted}`);
  }
  const stem = name.replace(/\.ts$/, "");
  return `const $${stem} = (() => {\n${body}\nreturn { ${exported.join(", ")} }; })();\n`;
}

/** Line by line: a segment is the column, then how far on its source, its line and its column are. */
function sourceMap(modules: ReadonlyMap<string, string>): string {
  let line = 0;
  let mappings = "";
  for (const [i, module] of [...modules.values()].entries()) {
    const lines = module.split("\n").length - 3;
    mappings += `;A${i === 0 ? "A" : "C"}${vlq(-line)}A${";AACA".repeat(lines - 1)};;`;
    line = lines - 1;
  }
  return JSON.stringify({ version: 3, sources: [...modules.keys()], mappings });
}

const BASE64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/** Five bits a digit, lowest first; the first bit is the sign, the sixth says that more follow. */
function vlq(value: number): string {
  let rest = value < 0 ? -2 * value + 1 : 2 * value;
  let digits = "";
  do {
    digits += BASE64[(rest & 31) + (rest > 31 ? 32 : 0)];
    rest >>= 5;
  } while (rest > 0);
  return digits;
}
