/** Far longer than anything takes on a loopback; only a test that fails waits for it. */
const PATIENCE_MS = 10_000;

/** A TCP connection by which a test sends exactly the bytes it wants, and reads those that come. */
export class Raw implements Disposable {
  readonly #conn: Deno.TcpConn;
  #received = new Uint8Array();
  #ended = false;

  private constructor(conn: Deno.TcpConn) {
    this.#conn = conn;
  }

  static async connect(port: number): Promise<Raw> {
    return new Raw(await Deno.connect({ hostname: "127.0.0.1", port }));
  }

  get localPort(): number {
    return this.#conn.localAddr.port;
  }

  /** Sends all of it; an error where the other side has gone. */
  async send(data: string | Uint8Array): Promise<void> {
    let bytes = typeof data === "string" ? new TextEncoder().encode(data) : data;
    while (bytes.length > 0) bytes = bytes.subarray(await this.#conn.write(bytes));
  }

  /** As `send`; it does not matter whether anybody is there to take it. */
  async fling(data: string | Uint8Array): Promise<void> {
    await this.send(data).catch(() => {});
  }

  /** Our FIN: the other side sees the end of input, and may go on writing. */
  async finish(): Promise<void> {
    await this.#conn.closeWrite();
  }

  /** Exactly so many bytes; throws where the other side ends before. */
  async take(count: number): Promise<Uint8Array> {
    await this.#fill(() => this.#received.length >= count, `${count} bytes`);
    return this.#shift(count);
  }

  /** Up to and including `end`. */
  async takeUntil(end: string): Promise<string> {
    await this.#fill(() => this.text.includes(end), JSON.stringify(end));
    const length = new TextEncoder().encode(this.text.split(end, 1)[0] + end).length;
    return new TextDecoder().decode(this.#shift(length));
  }

  /** All the rest, up to the other side's end, in order or not. */
  async takeRest(): Promise<string> {
    while (!this.#ended) await this.#read();
    return new TextDecoder().decode(this.#shift(this.#received.length));
  }

  /** What has come and was not taken yet. */
  get text(): string {
    return new TextDecoder().decode(this.#received);
  }

  /** Closes; with bytes unread, that is an RST. */
  [Symbol.dispose](): void {
    try {
      this.#conn.close();
    } catch {
      // best effort: it is closed already
    }
  }

  async #fill(enough: () => boolean, what: string): Promise<void> {
    while (!enough()) {
      if (this.#ended) {
        throw new Error(`the other side ended before ${what}; it sent:\n${this.text}`);
      }
      await this.#read();
    }
  }

  async #read(): Promise<void> {
    const buffer = new Uint8Array(64 * 1024);
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      this.#conn.close();
    }, PATIENCE_MS);
    const count = await this.#conn.read(buffer).catch(() => null).finally(() =>
      clearTimeout(timer)
    );
    if (late) throw new Error(`the other side said no more in time; it sent:\n${this.text}`);
    if (count === null) {
      this.#ended = true;
      return;
    }
    const joined = new Uint8Array(this.#received.length + count);
    joined.set(this.#received);
    joined.set(buffer.subarray(0, count), this.#received.length);
    this.#received = joined;
  }

  #shift(count: number): Uint8Array {
    const taken = this.#received.slice(0, count);
    this.#received = this.#received.slice(count);
    return taken;
  }
}
