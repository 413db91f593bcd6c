/** Characters at least: fewer are guessed in days, even at the pace that attempts have here. */
const LENGTH = { least: 8, most: 256 } as const;
/** Of a MAC's 32 bytes, those that a proof shows: as hard to guess as any key. */
const PROOF_BYTES = 16;
/** A MAC of anything else under the same key is no proof. */
const PURPOSE = "partyline password\0";

const HMAC = { name: "HMAC", hash: "SHA-256" };

/** Why a text cannot be a room's password, as "has 3 characters; wanted …"; undefined where it can. */
export function passwordFault(text: string): string | undefined {
  const { least, most } = LENGTH;
  const count = [...text].length;
  if (count < least || count > most) {
    return `has ${count} ${count === 1 ? "character" : "characters"}; wanted ${least} to ${most}`;
  }
  if (/\p{Cc}/u.test(text)) return "has a line break or another control character; wanted one line";
  if (!text.isWellFormed() || text.includes("\ufffd")) return "is not UTF-8";
  // Over TCP such a line is a program's hello, or comes from a browser.
  const begin = /^(?:\{|host:)/i.exec(text)?.[0].toLowerCase();
  return begin && `begins with ${begin}, which means something else over TCP`;
}

/** The one password of a room. Neither it nor what is compared with it is kept as text. */
export class Password {
  /**
   * What a token carries of somebody who gave the password: a fingerprint, keyed, so that it tells
   * nothing to those who do not have the key. Another password, or another key, has another.
   */
  readonly proof: string;
  readonly #key: CryptoKey;
  readonly #mac: Uint8Array<ArrayBuffer>;

  private constructor(key: CryptoKey, mac: Uint8Array<ArrayBuffer>) {
    this.#key = key;
    this.#mac = mac;
    this.proof = mac.subarray(0, PROOF_BYTES).toBase64({
      alphabet: "base64url",
      omitPadding: true,
    });
  }

  /** With a key that stays the same across restarts, so that proofs do. */
  static async open(text: string, key: Uint8Array<ArrayBuffer>): Promise<Password> {
    const imported = await crypto.subtle.importKey("raw", key, HMAC, false, ["sign", "verify"]);
    const mac = await crypto.subtle.sign("HMAC", imported, bytesOf(text));
    return new Password(imported, new Uint8Array(mac));
  }

  /**
   * Whether that is the password. It is never compared itself: its MAC is, which WebCrypto does in
   * constant time, so that how long it takes tells nothing of how much of it was right.
   */
  matches(given: string): Promise<boolean> {
    return crypto.subtle.verify("HMAC", this.#key, this.#mac, bytesOf(given));
  }
}

/** One spelling for letters that can be written in two: keyboards differ (RFC 8265, section 4.2). */
function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(PURPOSE + text.normalize("NFC"));
}
