/** What is remembered about people beside the history, durably. */

export { Registry } from "./registry.ts";
