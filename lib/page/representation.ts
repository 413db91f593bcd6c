import { eTag, ifNoneMatch } from "@std/http/etag";
import { acceptsEncodings } from "@std/http/negotiation";
import { SECURITY_HEADERS } from "./security_headers.ts";

export type Bytes = Uint8Array<ArrayBuffer>;

/** A content coding that every browser knows. */
export type Coding = "br" | "gzip";

/** Resolves with the bytes in a coding, and does not hold up the event loop meanwhile. */
export type Compress = (bytes: Bytes, coding: Coding) => Promise<Bytes>;

/** Ours first: browsers accept all alike, and brotli is a tenth smaller. */
const CODINGS: readonly Coding[] = ["br", "gzip"];

/** Reading a longer Accept-Encoding header would take longer than is saved. */
const HEADER_CHARACTERS = 256;

export interface RespondOptions {
  /** The value of the Cache-Control header. */
  readonly cacheControl: string;
  /** Called once for each coding somebody accepts; not at all for what is compressed already. */
  readonly compress: Compress;
  /** What the response depends on besides Accept-Encoding: names of request headers. */
  readonly vary?: readonly string[];
}

/**
 * What is sent for a GET or HEAD of something that does not change (RFC 9110, section 3.2): its bytes,
 * in each coding once somebody has asked for it, with a strong ETag. It answers conditional requests.
 */
export class Representation {
  readonly #type: string;
  readonly #bytes: Bytes;
  /** Without its quotes. */
  readonly tag: string;
  /** Made when somebody first asks; all who ask meanwhile wait for the one making. */
  readonly #coded = new Map<Coding, Promise<Bytes>>();

  private constructor(type: string, bytes: Bytes, tag: string) {
    this.#type = type;
    this.#bytes = bytes;
    this.tag = tag;
  }

  /** `type` is the value of the Content-Type header. The bytes belong to the representation. */
  static async of(type: string, bytes: Bytes): Promise<Representation> {
    return new Representation(type, bytes, (await eTag(bytes))!.slice(1, -1));
  }

  /** Rejects where compressing does; the next request tries again. */
  async respond(request: Request, options: RespondOptions): Promise<Response> {
    const coding = this.#negotiate(request);
    // RFC 9110, section 8.8.3.3: another coding is another representation, so its strong tag differs.
    const etag = coding === undefined ? `"${this.tag}"` : `"${this.tag}-${coding}"`;
    const headers = new Headers({
      ...SECURITY_HEADERS,
      "content-type": this.#type,
      "cache-control": options.cacheControl,
      "vary": ["accept-encoding", ...options.vary ?? []].join(", "),
      etag,
    });
    if (!ifNoneMatch(request.headers.get("if-none-match"), etag)) {
      return new Response(null, { status: 304, headers });
    }
    const body = coding === undefined ? this.#bytes : await this.#bytesIn(coding, options.compress);
    if (coding !== undefined) headers.set("content-encoding", coding);
    headers.set("content-length", String(body.length));
    return new Response(request.method === "HEAD" ? null : body, { headers });
  }

  #negotiate(request: Request): Coding | undefined {
    const accepted = request.headers.get("accept-encoding");
    // Without the header anything may be sent, but a client that can undo it says so.
    if (!accepted || accepted.length > HEADER_CHARACTERS) return undefined;
    if (this.#type === "image/png") return undefined;
    return CODINGS.find((coding) => acceptsEncodings(request, coding) === coding);
  }

  #bytesIn(coding: Coding, compress: Compress): Promise<Bytes> {
    let bytes = this.#coded.get(coding);
    if (!bytes) {
      bytes = compress(this.#bytes, coding);
      this.#coded.set(coding, bytes);
      bytes.catch(() => this.#coded.delete(coding));
    }
    return bytes;
  }
}
