/** What is remembered about people beside the history, durably. */

export { backUpRegistry } from "./backup.ts";
export { inspectRegistry } from "./database.ts";
export { type HeldName, HeldNameTable } from "./held_names.ts";
export { type EndedSignIn, type SignIn, SignInTable } from "./sign_ins.ts";
export { Registry } from "./registry.ts";
