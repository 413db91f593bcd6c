import {
  checkOptions,
  type ConnectionOptions,
  extractProtocolMessage,
  INFO,
  type Server,
  type ServerInfo,
  type Transport,
} from "@nats-io/nats-core/internal";
import { VERSION } from "../base/version.ts";

/** As much as one read takes. */
const READ_BYTES = 64 * 1024;
const NOTHING = new Uint8Array(0);

/**
 * What NATS' client sends and receives by, on the runtime's own connections. NATS has one for Deno,
 * outside of npm; the one for Node, which is there, leaves sockets without a listener for errors while
 * it connects and when it gives them up, so that a reset of them is nobody's, and ends the process.
 */
export class DenoTransport implements Transport {
  readonly lang = "partyline";
  readonly version = VERSION;
  closeError?: Error;
  readonly #closed = Promise.withResolvers<void | Error>();
  #conn: Deno.Conn | undefined;
  #encrypted = false;
  #connected = false;
  #done = false;
  /** What was read while connecting. */
  #first = NOTHING;
  /** What is to be written, in order. */
  #queue: Uint8Array[] = [];
  #writing: Promise<void> | undefined;

  get isClosed(): boolean {
    return this.#done;
  }

  isEncrypted(): boolean {
    return this.#encrypted;
  }

  /** Resolves when the server has said who it is, and TLS is spoken where one of both wants it. */
  async connect({ hostname, port, tlsName }: Server, options: ConnectionOptions): Promise<void> {
    const conn = await Deno.connect({ hostname, port });
    conn.setNoDelay(true);
    this.#use(conn);
    try {
      const info = await this.#readInfo(conn);
      checkOptions(info, options);
      const { tls } = options;
      if (tls || info.tls_required) {
        const caCerts = tls?.ca === undefined ? [] : [tls.ca];
        const encrypted = await Deno.startTls(conn, { hostname: tlsName || hostname, caCerts });
        this.#use(encrypted);
        await encrypted.handshake();
        this.#encrypted = true;
      }
      this.#connected = true;
    } catch (error) {
      this.discard();
      throw error;
    }
  }

  /** Each piece is the reader's. It ends with the connection, whatever ended it. */
  async *[Symbol.asyncIterator](): AsyncIterableIterator<Uint8Array> {
    yield this.#first;
    const buffer = new Uint8Array(READ_BYTES);
    let error: unknown;
    try {
      while (!this.#done) {
        const count = await this.#conn!.read(buffer);
        if (count === null) break;
        yield buffer.slice(0, count);
      }
    } catch (cause) {
      error = cause;
    }
    this.#end(error);
  }

  send(frame: Uint8Array): void {
    if (this.#done || !this.#conn) return;
    this.#queue.push(frame);
    this.#writing ??= this.#write(this.#conn);
  }

  /** Writes what is still to be written, unless there was a fault, and closes. */
  async close(error?: Error): Promise<void> {
    if (!error) await this.#writing;
    this.#end(error);
  }

  disconnect(): void {
    void this.close();
  }

  closed(): Promise<void | Error> {
    return this.#closed.promise;
  }

  /** Nobody minds any more how it ends. */
  discard(): void {
    this.#done = true;
    this.#closeConnection();
  }

  /** A connection that comes after it was given up is closed. */
  #use(conn: Deno.Conn): void {
    this.#conn = conn;
    if (!this.#done) return;
    this.#closeConnection();
    throw new Error("cannot connect: it was given up");
  }

  async #readInfo(conn: Deno.Conn): Promise<ServerInfo> {
    const buffer = new Uint8Array(READ_BYTES);
    let length = 0;
    for (;;) {
      const count = await conn.read(buffer.subarray(length));
      if (count === null || count === 0) throw new Error("it is no NATS server");
      length += count;
      const line = extractProtocolMessage(buffer.subarray(0, length));
      if (line === "") continue;
      const [, info] = INFO.exec(line) ?? [];
      if (info === undefined) throw new Error("it is no NATS server");
      this.#first = buffer.slice(0, length);
      return JSON.parse(info);
    }
  }

  async #write(conn: Deno.Conn): Promise<void> {
    try {
      while (this.#queue.length > 0) {
        const frames = this.#queue;
        this.#queue = [];
        for (const frame of frames) {
          for (let sent = 0; sent < frame.length;) sent += await conn.write(frame.subarray(sent));
        }
      }
    } catch {
      // Best effort: the reader, or a ping without an answer, finds that the connection has ended.
    }
    this.#writing = undefined;
  }

  #end(error: unknown): void {
    if (!this.#done && error instanceof Error) this.closeError = error;
    this.discard();
    if (this.#connected) this.#closed.resolve(this.closeError);
  }

  #closeConnection(): void {
    const conn = this.#conn;
    this.#conn = undefined;
    try {
      conn?.close();
    } catch {
      // Best effort: the other side has ended it, or TLS has taken it over.
    }
  }
}
