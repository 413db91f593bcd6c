/** What is remembered about people beside the history, durably. */

export { Actions } from "./actions.ts";
export { backUpRegistry } from "./backup.ts";
export { inspectRegistry } from "./database.ts";
export { type HeldName, HeldNameTable } from "./held_names.ts";
export type { KeptMeasure, Taken } from "./measure_rows.ts";
export { Measures, told } from "./measures.ts";
export { type Operator, Operators } from "./operators.ts";
export type { SharedRows, Sharing } from "./sharing.ts";
export { type EndedSignIn, type SignIn, SignInTable } from "./sign_ins.ts";
export { Registry } from "./registry.ts";
export { readRoomSetting, shareRoomSettings, writeRoomSetting } from "./room_settings.ts";
