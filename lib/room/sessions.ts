import { guestName, parseName } from "../model/names.ts";
import { Refusal } from "../model/refusal.ts";
import { StartupError } from "../base/startup_error.ts";

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

  /** With the key in a file, made (mode 0600) where there is none; without a path, with a new key. */
  static async open(path?: string): Promise<Sessions> {
    const raw = path === undefined ? newKey() : await readKey(path);
    const algorithm = { name: "HMAC", hash: "SHA-256" };
    return new Sessions(
      await crypto.subtle.importKey("raw", raw, algorithm, false, ["sign", "verify"]),
    );
  }

  /** A session that nobody had before. */
  create(name?: string): Session {
    return { id: base64url(crypto.getRandomValues(new Uint8Array(15))), name };
  }

  /**
   * Makes a session ready to come in: the one that was brought, or a new one, under the name wished
   * for, else its last one, else a guest's.
   */
  async admit(brought: Session | undefined, wished: string | undefined): Promise<NamedSession> {
    const { id, name: lastName } = brought ?? this.create();
    const name = wished ?? lastName ?? guestName();
    return { id, name, token: await this.issue({ id, name }) };
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
    return { id, name: name === null || name === undefined ? undefined : parseName(name) };
  }
}

async function readKey(path: string): Promise<Uint8Array<ArrayBuffer>> {
  try {
    const raw = await Deno.readFile(path);
    if (raw.length === 32) return raw;
    throw new StartupError(
      `${path} is not a session key; remove it, and everybody gets a new session`,
    );
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    return await makeKey(path);
  }
}

/** Under another name first: a key that was half written when the power went would stop every start. */
async function makeKey(path: string): Promise<Uint8Array<ArrayBuffer>> {
  const raw = newKey();
  try {
    {
      using file = await Deno.open(`${path}.new`, {
        write: true,
        create: true,
        truncate: true,
        mode: 0o600,
      });
      for (let sent = 0; sent < raw.length;) sent += await file.write(raw.subarray(sent));
      await file.sync();
    }
    await Deno.rename(`${path}.new`, path);
    return raw;
  } catch (cause) {
    throw new StartupError(
      `cannot write ${path}: ${(cause as Error).message}; ` +
        "make room, or use another --data directory",
      { cause },
    );
  }
}

function newKey(): Uint8Array<ArrayBuffer> {
  return crypto.getRandomValues(new Uint8Array(32));
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
