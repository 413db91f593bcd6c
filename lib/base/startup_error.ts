/**
 * Why the program cannot start, in one line for the person who started it, with what to do about it.
 * Thrown before anything is half-started; the command prints the message and exits with 1.
 */
export class StartupError extends Error {
  override readonly name = "StartupError";
}
