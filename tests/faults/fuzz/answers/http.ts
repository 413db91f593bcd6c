import { Buffer } from "node:buffer";

/** A response as it came over the wire. */
export interface Answer {
  readonly status: number;
  readonly headers: ReadonlyMap<string, string>;
  readonly body: Uint8Array;
  /** Whether all of it came. */
  readonly whole: boolean;
}

/**
 * The responses in what a connection brought, one behind the other (RFC 9112). The last may be cut
 * short. Bodies without a length reach to the end. Throws where something else stands between them.
 */
export function parseAnswers(bytes: Uint8Array): Answer[] {
  const answers: Answer[] = [];
  let rest = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  while (rest.length > 0) {
    const end = rest.indexOf("\r\n\r\n");
    if (end === -1) break;
    const [first = "", ...lines] = rest.toString("latin1", 0, end).split("\r\n");
    const status = Number(/^HTTP\/1\.[01] (\d{3}) /.exec(first)?.[1]);
    if (Number.isNaN(status)) throw new Error(`this is no status line: ${first.slice(0, 200)}`);
    const headers = new Map(lines.map((line) => {
      const colon = line.indexOf(":");
      if (colon < 1) throw new Error(`this is no header: ${line.slice(0, 200)}`);
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
    }));
    rest = rest.subarray(end + 4);
    const { body, length, whole } =
      status === 101 || status === 100 || status === 204 || status === 304
        ? { body: new Uint8Array(), length: 0, whole: true }
        : bodyOf(rest, headers);
    answers.push({ status, headers, body, whole });
    if (status === 101) break; // what follows is another protocol
    rest = rest.subarray(length);
  }
  return answers;
}

/** Where what follows the first response begins: a WebSocket's frames. */
export function afterHead(bytes: Uint8Array): Uint8Array {
  const end = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).indexOf("\r\n\r\n");
  return end === -1 ? new Uint8Array() : bytes.subarray(end + 4);
}

interface Body {
  readonly body: Uint8Array;
  /** On the wire. */
  readonly length: number;
  readonly whole: boolean;
}

function bodyOf(rest: Buffer, headers: ReadonlyMap<string, string>): Body {
  if (headers.get("transfer-encoding") === "chunked") return dechunked(rest);
  const said = headers.get("content-length");
  // The answer to a HEAD has the length, and no body; what follows is the next answer, or nothing.
  if (said !== undefined && rest.subarray(0, 7).toString() === "HTTP/1.") {
    return { body: new Uint8Array(), length: 0, whole: true };
  }
  const length = said === undefined ? rest.length : Number(said);
  return { body: rest.subarray(0, length), length, whole: rest.length >= length };
}

function dechunked(rest: Buffer): Body {
  const parts: Buffer[] = [];
  let at = 0;
  for (;;) {
    const line = rest.indexOf("\r\n", at);
    const size = line === -1 ? NaN : parseInt(rest.toString("latin1", at, line), 16);
    if (Number.isNaN(size) || rest.length < line + 2 + size + 2) break;
    parts.push(rest.subarray(line + 2, line + 2 + size));
    at = line + 2 + size + 2;
    if (size === 0) return { body: Buffer.concat(parts), length: at, whole: true };
  }
  return { body: Buffer.concat(parts), length: rest.length, whole: false };
}
