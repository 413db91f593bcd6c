/** What is remembered about people beside the history, durably. */

export { inspectRegistry } from "./database.ts";
export { Registry } from "./registry.ts";
