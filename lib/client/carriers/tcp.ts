/** What a TCP connection must be able to do; a `Deno.TcpConn` can. */
export interface DialedConnection {
  /** Resolves with how many bytes it has put into the buffer, null at the end. */
  read(buffer: Uint8Array<ArrayBuffer>): Promise<number | null>;
  /** Resolves with how many of the bytes it took. */
  write(bytes: Uint8Array<ArrayBuffer>): Promise<number>;
  /** Sends FIN: we have said everything. */
  closeWrite(): Promise<void>;
  close(): void;
  setNoDelay?(noDelay?: boolean): void;
  setKeepAlive?(keepAlive?: boolean): void;
}

/** Opens a TCP connection. */
export type Dial = (
  address: { readonly hostname: string; readonly port: number; readonly signal: AbortSignal },
) => Promise<DialedConnection>;
