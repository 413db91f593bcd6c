const COOKIE = "partyline";

/** The token a request brings, and by what: `Authorization: Bearer` wins over the session cookie. */
export function tokenOf(headers: Headers): { token: string; by: "bearer" | "cookie" } | undefined {
  const bearer = /^bearer +(\S.*?) *$/i.exec(headers.get("authorization") ?? "");
  if (bearer) return { token: bearer[1]!, by: "bearer" };
  for (const pair of (headers.get("cookie") ?? "").split(";")) {
    const [name, value] = pair.split("=", 2).map((part) => part.trim());
    if (name === COOKIE && value) return { token: value, by: "cookie" };
  }
  return undefined;
}

/** The `Set-Cookie` that takes the token away. */
export function noSessionCookie(): string {
  return `${COOKIE}=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0`;
}

/** The `Set-Cookie` of a token: not for scripts, not sent from other sites, kept 400 days. */
export function sessionCookie(token: string, secure: boolean): string {
  return `${COOKIE}=${token}; Path=/; HttpOnly; SameSite=Strict; Max-Age=34560000` +
    (secure ? "; Secure" : "");
}
