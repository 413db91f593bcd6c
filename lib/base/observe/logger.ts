/** `info`: somebody came or left; `warning`: worth a look; `error`: something failed. */
export type Level = "debug" | "info" | "warning" | "error";

/** What a program may want to read of a record, besides the words. Never texts, tokens, passwords. */
export type Fields = Readonly<Record<string, string | number | boolean | undefined>>;

/**
 * Where rooms say what the operator may want to know. `message` is a whole sentence for people, of one
 * line; what others wrote in it may be anything, and is made harmless where it is shown.
 */
export interface Logger {
  log(level: Level, category: string, message: string, fields?: Fields): void;
}

/** For tests, and for who does not want to know. */
export const silent: Logger = { log() {} };
