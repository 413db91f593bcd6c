import { Raw } from "./raw.ts";

/** RFC 6455, section 5.2. */
export const OPCODE = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;

/** The bytes of a client's frame; the mask is zeros, so that the payload is as it is read. */
export function frame(
  opcode: number,
  payload: string | Uint8Array,
  { fin = true, masked = true }: { readonly fin?: boolean; readonly masked?: boolean } = {},
): Uint8Array {
  const data = typeof payload === "string" ? new TextEncoder().encode(payload) : payload;
  const long = data.length > 0xffff ? 8 : data.length > 125 ? 2 : 0;
  const start = 2 + long + (masked ? 4 : 0);
  const bytes = new Uint8Array(start + data.length);
  const view = new DataView(bytes.buffer);
  bytes[0] = (fin ? 0x80 : 0) | opcode;
  bytes[1] = (masked ? 0x80 : 0) | (long === 8 ? 127 : long === 2 ? 126 : data.length);
  if (long === 8) view.setBigUint64(2, BigInt(data.length));
  if (long === 2) view.setUint16(2, data.length);
  bytes.set(data, start);
  return bytes;
}

/** A request to upgrade, as browsers send it, with other headers where a test says so. */
export function upgradeRequest(
  path: string,
  headers: Readonly<Record<string, string | undefined>> = {},
  method = "GET",
): string {
  const all = {
    "Host": "localhost",
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    ...headers,
  };
  const lines = Object.entries(all).flatMap(([key, value]) => value ? [`${key}: ${value}`] : []);
  return [`${method} ${path} HTTP/1.1`, ...lines, "", ""].join("\r\n");
}

/** A WebSocket whose every byte a test decides. */
export class RawSocket implements Disposable {
  readonly raw: Raw;
  /** The head of the answer to the upgrade. */
  readonly head: string;

  private constructor(raw: Raw, head: string) {
    this.raw = raw;
    this.head = head;
  }

  /** Throws where the answer is not 101. */
  static async open(port: number, path: string): Promise<RawSocket> {
    const raw = await Raw.connect(port);
    await raw.send(upgradeRequest(path));
    const head = await raw.takeUntil("\r\n\r\n");
    if (!head.startsWith("HTTP/1.1 101 ")) throw new Error(`no upgrade: ${head}`);
    return new RawSocket(raw, head);
  }

  async send(...args: Parameters<typeof frame>): Promise<void> {
    await this.raw.send(frame(...args));
  }

  /** The next frame of the server's. */
  async next(): Promise<{ readonly opcode: number; readonly payload: Uint8Array }> {
    const [first = 0, second = 0] = await this.raw.take(2);
    const length = second < 126 ? second : await this.#bigEndian(second === 126 ? 2 : 8);
    return { opcode: first & 0xf, payload: await this.raw.take(length) };
  }

  /** Reads until a text frame has this in it. */
  async until(text: string): Promise<void> {
    for (;;) {
      const { opcode, payload } = await this.next();
      if (opcode === OPCODE.text && new TextDecoder().decode(payload).includes(text)) return;
    }
  }

  /** The code of the close frame that ends it all, after whatever comes before. */
  async closeCode(): Promise<number> {
    for (;;) {
      const { opcode, payload } = await this.next();
      if (opcode === OPCODE.close) return payload[0]! << 8 | payload[1]!;
    }
  }

  [Symbol.dispose](): void {
    this.raw[Symbol.dispose]();
  }

  async #bigEndian(bytes: number): Promise<number> {
    return (await this.raw.take(bytes)).reduce((sum, byte) => sum * 256 + byte, 0);
  }
}
