import { StartupError } from "../base/startup_error.ts";
import { makePrivate } from "../base/private_file.ts";

const KEY_BYTES = 32;

export interface SessionKey {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Made just now: no token from before is good any more. */
  readonly isNew: boolean;
}

/**
 * The key in the file that session tokens are signed with; made (mode 0600) where there is none.
 * Throws a StartupError where the file holds something else, which is left as it is, or where it
 * cannot be read or made.
 */
export async function readSessionKey(path: string): Promise<SessionKey> {
  let bytes;
  try {
    bytes = await Deno.readFile(path);
  } catch (cause) {
    if (cause instanceof Deno.errors.NotFound) return await makeSessionKey(path);
    throw new StartupError(
      `cannot read ${path}: ${(cause as Error).message}; ` +
        "make it readable, or use another --data directory",
      { cause },
    );
  }
  checkKey(path, bytes);
  makePrivate(path); // whoever can read it can be anybody
  return { bytes, isNew: false };
}

/** The file has that key from now on. Rejects with a StartupError. */
export async function writeSessionKey(path: string, bytes: Uint8Array): Promise<void> {
  checkKey(path, bytes);
  await writeKey(path, bytes);
}

/** Throws a StartupError where the file's bytes are no key. */
export function checkKey(path: string, bytes: Uint8Array): void {
  if (bytes.length === KEY_BYTES) return;
  throw new StartupError(
    `${path} is not a session key; remove it, and everybody gets a new session`,
  );
}

/**
 * The key that stands for a secret of the operator's, by HKDF (RFC 5869): the same secret, the same
 * key, on whatever machine.
 */
export async function deriveSessionKey(secret: string): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = new TextEncoder().encode(secret);
  const material = await crypto.subtle.importKey("raw", bytes, "HKDF", false, ["deriveBits"]);
  const info = new TextEncoder().encode("partyline session tokens");
  const algorithm = { name: "HKDF", hash: "SHA-256", salt: new Uint8Array(), info };
  return new Uint8Array(await crypto.subtle.deriveBits(algorithm, material, 8 * KEY_BYTES));
}

async function makeSessionKey(path: string): Promise<SessionKey> {
  const bytes = crypto.getRandomValues(new Uint8Array(KEY_BYTES));
  await writeKey(path, bytes);
  return { bytes, isNew: true };
}

/** Under another name first: a key that was half written when the power went would stop every start. */
async function writeKey(path: string, bytes: Uint8Array): Promise<void> {
  try {
    {
      using file = await Deno.open(`${path}.new`, {
        write: true,
        create: true,
        truncate: true,
        mode: 0o600,
      });
      for (let sent = 0; sent < bytes.length;) sent += await file.write(bytes.subarray(sent));
      await file.sync();
    }
    await Deno.rename(`${path}.new`, path);
  } catch (cause) {
    throw new StartupError(
      `cannot write ${path}: ${(cause as Error).message}; ` +
        "make room, or use another --data directory",
      { cause },
    );
  }
}
