import type { Cluster } from "../cluster/mod.ts";
import { deriveSessionKey, readSessionKey, writeSessionKey } from "../log/session_key.ts";
import type { IdentityOptions } from "./options.ts";

/**
 * What tokens are signed with: the key of the secret, else that of the other nodes, else that of the
 * data folder, which has it from then on, for `deno task operator`.
 */
export async function keyOf(
  { secret }: IdentityOptions,
  path: string,
  { cluster, report }: {
    readonly cluster: Cluster | undefined;
    /** Told why people are not recognised who were here before. */
    readonly report: (what: string) => void;
  },
): Promise<Uint8Array<ArrayBuffer>> {
  if (secret !== undefined) return await deriveSessionKey(secret);
  const { bytes: own, isNew } = await readSessionKey(path);
  const key = await cluster?.shareKey(own) ?? own;
  if (key.toBase64() !== own.toBase64()) {
    await writeSessionKey(path, key);
    if (!isNew) report(`${path} was another than the key of the other nodes, and is theirs now`);
  } else if (isNew && !cluster) {
    report(`${path} was not there and is new: whoever comes back is not recognised`);
  }
  return key;
}
