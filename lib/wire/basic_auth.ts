/**
 * The password of an `Authorization: Basic` header (RFC 7617); undefined where it is none. The user
 * name before it, up to the first colon, says nothing.
 */
export function basicPassword(authorization: string | null): string | undefined {
  const encoded = /^basic +([A-Za-z0-9+/]+={0,2}) *$/i.exec(authorization ?? "")?.[1];
  if (encoded === undefined) return undefined;
  try {
    const pair = new TextDecoder("utf-8", { fatal: true }).decode(
      Uint8Array.from(atob(encoded), (char) => char.charCodeAt(0)),
    );
    const colon = pair.indexOf(":");
    return colon === -1 ? undefined : pair.slice(colon + 1);
  } catch {
    return undefined; // neither base64 nor UTF-8: no password of ours
  }
}
