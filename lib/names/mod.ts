/**
 * Which names there may be, and which are one to a reader. Server only: the tables of Unicode are
 * larger than the page.
 */

export { isReserved } from "./authority.ts";
export { nameKey } from "./key.ts";
export { nameOrNone, parseName } from "./parse.ts";
