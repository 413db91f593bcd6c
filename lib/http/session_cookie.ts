const COOKIE = "partyline";
/** A page cannot give a WebSocket any header but this one: the token comes as one more subprotocol. */
const TOKEN_PROTOCOL = /(?:^|,)\s*partyline\.token\.([\w.-]+)\s*(?:,|$)/;

/**
 * The token a request brings, and by what: `Authorization: Bearer` wins over a subprotocol, and that
 * over the session cookie.
 */
export function tokenOf(headers: Headers): { token: string; by: "bearer" | "cookie" } | undefined {
  const bearer = /^bearer +(\S.*?) *$/i.exec(headers.get("authorization") ?? "") ??
    TOKEN_PROTOCOL.exec(headers.get("sec-websocket-protocol") ?? "");
  if (bearer) return { token: bearer[1]!, by: "bearer" };
  for (const pair of (headers.get("cookie") ?? "").split(";")) {
    const [name, value] = pair.split("=", 2).map((part) => part.trim());
    if (name === COOKIE && value) return { token: value, by: "cookie" };
  }
  return undefined;
}

/** Where a browser is to send the cookie back. */
export interface CookieScope {
  /** The path under which the room lies. */
  readonly path: string;
  /** Only over TLS. */
  readonly secure: boolean;
}

/** The `Set-Cookie` of a token: not for scripts, not sent from other sites, kept 400 days. */
export function sessionCookie(token: string, { path, secure }: CookieScope): string {
  return `${COOKIE}=${token}; Path=${path}; HttpOnly; SameSite=Strict; Max-Age=34560000` +
    (secure ? "; Secure" : "");
}

/** The `Set-Cookie` that takes the token away. */
export function noSessionCookie({ path }: CookieScope): string {
  return `${COOKIE}=; Path=${path}; HttpOnly; SameSite=Strict; Max-Age=0`;
}

const NAME_COOKIE = "partyline-name";
/** A name has 32 characters, each of which may be written in twelve. */
const NAME_AT_MOST = 32 * 12;

/** The `Set-Cookie` of the name that a browser without scripts has given, kept as long. */
export function nameCookie(name: string, { path, secure }: CookieScope): string {
  return `${NAME_COOKIE}=${encodeURIComponent(name.toWellFormed())}; Path=${path}; HttpOnly; ` +
    "SameSite=Strict; Max-Age=34560000" + (secure ? "; Secure" : "");
}

/** The name in that cookie; whoever sends it may have made it up. */
export function visitorName(headers: Headers): string | undefined {
  const value = new RegExp(`(?:^|;)\\s*${NAME_COOKIE}=([^;\\s]+)`).exec(
    headers.get("cookie") ?? "",
  );
  if (!value || value[1]!.length > NAME_AT_MOST) return undefined;
  try {
    return decodeURIComponent(value[1]!);
  } catch {
    return undefined; // not one of ours
  }
}
