import { parseName } from "../model/names.ts";

/** Who a client is, whatever it comes by, before and after a restart. */
export interface Session {
  readonly id: string;
  /** The name it had when the token was issued; undefined for a guest without a choice yet. */
  readonly name: string | undefined;
}

const COOKIE = "partyline";

/**
 * Signed tokens: `<base64url of [id, name]>.<base64url of its HMAC-SHA-256>`. Nothing is kept for
 * them; the key is what makes them true.
 */
export class Sessions {
  readonly #key: CryptoKey;

  private constructor(key: CryptoKey) {
    this.#key = key;
  }

  /** With the key that tokens are signed with: the same key, the same sessions. */
  static async open(key: Uint8Array<ArrayBuffer>): Promise<Sessions> {
    const algorithm = { name: "HMAC", hash: "SHA-256" };
    return new Sessions(
      await crypto.subtle.importKey("raw", key, algorithm, false, ["sign", "verify"]),
    );
  }

  /** A session that nobody had before. */
  create(name?: string): Session {
    return { id: base64url(crypto.getRandomValues(new Uint8Array(15))), name };
  }

  async issue({ id, name }: Session): Promise<string> {
    const payload = new TextEncoder().encode(JSON.stringify([id, name]));
    const mac = await crypto.subtle.sign("HMAC", this.#key, payload);
    return `${base64url(payload)}.${base64url(new Uint8Array(mac))}`;
  }

  /** The session a token stands for; undefined where we did not issue it. */
  async verify(token: string): Promise<Session | undefined> {
    const [payload, mac] = token.split(".", 2).map(fromBase64url);
    if (!payload || !mac) return undefined;
    // WebCrypto compares in constant time.
    if (!await crypto.subtle.verify("HMAC", this.#key, mac, payload)) return undefined;
    const [id, name] = JSON.parse(new TextDecoder().decode(payload));
    return { id, name: name === null || name === undefined ? undefined : parseName(name) };
  }
}

/** The token a request brings: in `Authorization: Bearer`, else in the session cookie. */
export function tokenOf(headers: Headers): string | undefined {
  const bearer = /^bearer +([\w.-]+) *$/i.exec(headers.get("authorization") ?? "");
  if (bearer) return bearer[1];
  for (const pair of (headers.get("cookie") ?? "").split(";")) {
    const [name, value] = pair.split("=", 2).map((part) => part.trim());
    if (name === COOKIE && value) return value;
  }
  return undefined;
}

/** The `Set-Cookie` of a token: not for scripts, not sent from other sites, kept 400 days. */
export function sessionCookie(token: string, secure: boolean): string {
  return `${COOKIE}=${token}; Path=/; HttpOnly; SameSite=Strict; Max-Age=34560000` +
    (secure ? "; Secure" : "");
}

function base64url(bytes: Uint8Array<ArrayBuffer>): string {
  return bytes.toBase64({ alphabet: "base64url", omitPadding: true });
}

function fromBase64url(text: string): Uint8Array<ArrayBuffer> | undefined {
  try {
    return Uint8Array.fromBase64(text, { alphabet: "base64url" });
  } catch {
    return undefined;
  }
}
