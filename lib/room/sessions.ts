import { Refusal } from "../model/refusal.ts";

/** Who a client is, over all its connections and transports, before and after a restart. */
export interface Session {
  readonly id: string;
  /** The name it had when its token was issued; undefined where none has been chosen yet. */
  readonly name: string | undefined;
}

/** A session ready to come in, with the token that proves it. */
export interface NamedSession extends Session {
  /** The name wished for; the one given may differ, if somebody has it. */
  readonly name: string;
  readonly token: string;
}

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

  /** The token of a session, with its name in it. */
  async issue({ id, name }: Session): Promise<string> {
    const payload = new TextEncoder().encode(JSON.stringify([id, name]));
    const mac = await crypto.subtle.sign("HMAC", this.#key, payload);
    return `${base64url(payload)}.${base64url(new Uint8Array(mac))}`;
  }

  /** The session a token stands for. Throws a Refusal, `unauthorized`, where we did not issue it. */
  async authenticate(token: string): Promise<Session> {
    const session = await this.verify(token);
    if (session) return session;
    throw new Refusal(
      "unauthorized",
      "the token is not good here; leave it out, or get a new one by POST /api/session",
    );
  }

  /** The session a token stands for; undefined where we did not issue it. */
  async verify(token: string): Promise<Session | undefined> {
    const [payload, mac] = token.split(".", 2).map(fromBase64url);
    if (!payload || !mac) return undefined;
    // WebCrypto compares in constant time.
    if (!await crypto.subtle.verify("HMAC", this.#key, mac, payload)) return undefined;
    const [id, name] = JSON.parse(new TextDecoder().decode(payload));
    return { id, name: typeof name === "string" ? name : undefined };
  }
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
