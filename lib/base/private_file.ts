/**
 * Takes a file out of reach of everybody but its owner (mode 0600); nothing happens where there is
 * none. Best effort: where the file is somebody else's, or the file system knows no modes, it stays as
 * it is.
 */
export function makePrivate(path: string): void {
  try {
    const { mode } = Deno.statSync(path);
    if (mode !== null && (mode & 0o077) !== 0) Deno.chmodSync(path, 0o600);
  } catch {
    // best effort, as above
  }
}
