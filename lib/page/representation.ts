import { eTag, ifNoneMatch } from "@std/http/etag";
import { acceptsEncodings } from "@std/http/negotiation";
import { SECURITY_HEADERS } from "./security_headers.ts";

export type Bytes = Uint8Array<ArrayBuffer>;

/** A content coding that every browser knows. */
export type Coding = "br" | "gzip";

/** Resolves with the bytes in a coding, without blocking the event loop. */
export type Compress = (bytes: Bytes, coding: Coding) => Promise<Bytes>;

/** In the order of our preference: browsers accept both alike, and brotli is a tenth smaller. */
const CODINGS: readonly Coding[] = ["br", "gzip"];

/** A longer Accept-Encoding header is ignored, since parsing it would block the event loop. */
const HEADER_CHARACTERS = 256;

export interface RespondOptions {
  /** The value of the Cache-Control header. */
  readonly cacheControl: string;
  /** Called once for each coding; not at all for types that are compressed already. */
  readonly compress: Compress;
  /** Request headers that the response depends on, besides Accept-Encoding. */
  readonly vary?: readonly string[];
}

/**
 * Immutable content that is served over HTTP (RFC 9110, section 3.2): its bytes, their type and a
 * strong ETag. It answers GET and HEAD, conditional requests included, and keeps each coding once
 * it is made.
 */
export class Representation {
  readonly #type: string;
  readonly #bytes: Bytes;
  /** Without its quotes. */
  readonly tag: string;
  /** Made at the first request for it; requests that come meanwhile wait for the same promise. */
  readonly #coded = new Map<Coding, Promise<Bytes>>();

  private constructor(type: string, bytes: Bytes, tag: string) {
    this.#type = type;
    this.#bytes = bytes;
    this.tag = tag;
  }

  /** `type` is the value of the Content-Type header. The bytes belong to the representation. */
  static async of(type: string, bytes: Bytes): Promise<Representation> {
    return new Representation(type, bytes, (await eTag(bytes)).slice(1, -1));
  }

  /** Rejects if compressing does; the next request tries again. */
  async respond(request: Request, options: RespondOptions): Promise<Response> {
    const coding = this.#negotiate(request);
    // RFC 9110, section 8.8.3.3: another coding is another representation, so its strong tag
    // differs.
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
