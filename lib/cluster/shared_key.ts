import type { Table } from "./bus.ts";

const KEY = "session key";

/** The key that all nodes sign tokens with: that of the node which was the first to share its own. */
export async function shareKey(
  table: Table,
  own: Uint8Array<ArrayBuffer>,
): Promise<Uint8Array<ArrayBuffer>> {
  if (await table.create(KEY, own.toBase64()) !== undefined) return own;
  const shared = await table.get(KEY);
  if (!shared) throw new Error("cannot share the session key: it was removed, wanted it there");
  return Uint8Array.fromBase64(shared.value);
}
