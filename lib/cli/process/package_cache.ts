import { createRequire } from "node:module";
import { sep } from "node:path";

/** A package that the server has anyway. */
const PACKAGE = "prom-client";

/** Where Deno keeps the packages of npm, which the page's bundler reads: above one that is known to be there. */
export function packageCache(): string {
  const file = createRequire(import.meta.url).resolve(PACKAGE);
  return file.slice(0, file.lastIndexOf(sep + PACKAGE + sep));
}
