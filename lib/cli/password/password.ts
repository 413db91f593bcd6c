import { StartupError } from "../../base/startup_error.ts";
import { secret, text, UsageError, type Values } from "../flags/mod.ts";

/** How a command is given the room's password: by a file or the environment, never on its command line. */
export const passwordFlags = {
  "password-file": text({
    value: "FILE",
    default: undefined,
    help: "a file with the password of the room in one line",
  }),
  password: secret({ value: "WORDS", help: "the same without a file" }),
};

export interface GivenPassword {
  readonly text: string;
  /** Where it stands, for a message about it. */
  readonly where: string;
  /** Everybody on this machine can read it. */
  readonly exposed: boolean;
}

/**
 * The password that the flags give; undefined where they give none. A line feed at the end of the file
 * is no part of it. Throws a UsageError where there are two, a StartupError where the file cannot be read.
 */
export function readPassword(
  { "password-file": file, password }: Values<typeof passwordFlags>,
): GivenPassword | undefined {
  if (file === undefined) {
    return password === undefined
      ? undefined
      : { text: password, where: "PARTYLINE_PASSWORD", exposed: false };
  }
  if (password !== undefined) {
    throw new UsageError("--password-file and PARTYLINE_PASSWORD both give a password; use one");
  }
  try {
    const { mode } = Deno.statSync(file);
    const read = new TextDecoder("utf-8", { fatal: true }).decode(Deno.readFileSync(file));
    const exposed = mode !== null && (mode & 0o004) !== 0;
    return { text: read.replace(/\r?\n$/, ""), where: file, exposed };
  } catch (cause) {
    const why = cause instanceof TypeError ? "it is not UTF-8" : (cause as Error).message;
    throw new StartupError(`--password-file ${file}: cannot read it: ${why}`, { cause });
  }
}
