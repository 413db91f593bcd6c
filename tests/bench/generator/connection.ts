import { Buffer } from "node:buffer";
import { connect, type Socket } from "node:net";
import {
  type Dialect,
  ENGINE_IO_PING,
  ENGINE_IO_PONG,
  greeting,
  type Transport,
} from "./dialect.ts";
import { MARK } from "./text.ts";
import { TextReader } from "./text_reader.ts";
import type { Guess, OnText } from "./text_reader.ts";
import { clientFrame, FrameWalker, OPCODE } from "./websocket_frames.ts";

export type Target = {
  readonly host: string;
  readonly port: number;
  readonly transport: Transport;
  readonly dialect: Dialect;
  /** The path to ask for; over TCP the first line to send. */
  readonly path: string;
};

/** What the connections of a process share. */
export class Inbox {
  /** Every read goes into these bytes and is done with before the next. */
  readonly bytes = new Uint8Array(CAPACITY + 1);
  readonly guess: Guess = { first: 0, between: 0 };
  reads = 0;
  received = 0;
  /** When the present read came in: milliseconds of performance.now(). */
  now = 0;
}

export type Hooks = {
  readonly onText?: OnText;
  /** After each read, when its texts have been reported. */
  readonly onRead?: () => void;
  readonly onClose?: () => void;
};

const CAPACITY = 256 * 1024;
const KEY = "dGhlIHNhbXBsZSBub25jZQ==";
/** What RFC 6455, section 1.3, answers to this key. */
const ACCEPT = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

/** One client, over a bare TCP socket: it counts what it is sent and parses no more than it must. */
export class Connection {
  readonly #reader: TextReader;
  readonly #frames: FrameWalker;
  readonly #inbox: Inbox;
  readonly #target: Target;
  readonly #hooks: Hooks;
  readonly #isEngineIo: boolean;
  #socket: Socket | undefined;
  #head: string | undefined = "";
  #settle: { resolve: () => void; reject: (cause: Error) => void } | undefined;

  constructor(target: Target, inbox: Inbox, hooks: Hooks = {}) {
    this.#target = target;
    this.#inbox = inbox;
    this.#hooks = hooks;
    this.#isEngineIo = target.dialect === "socketio";
    this.#reader = new TextReader(inbox.guess, hooks.onText);
    this.#frames = new FrameWalker(
      (bytes, from, to, left, fresh) => this.#readPayload(bytes, from, to, left, fresh),
      (opcode, payload) => this.#answer(opcode, payload),
    );
  }

  get texts(): number {
    return this.#reader.texts;
  }

  /** Resolves when the server has agreed to the connection. */
  open(): Promise<void> {
    const { host, port } = this.#target;
    const onread = {
      buffer: this.#inbox.bytes.subarray(0, CAPACITY),
      callback: (length: number) => this.#receive(length),
    };
    const socket = connect(
      { host, port, noDelay: true, onread },
      () => socket.write(this.#hello()),
    );
    socket.on("error", () => {}); // best effort: "close" follows
    socket.on("close", () => {
      this.#settle?.reject(new Error(`Cannot connect: ${this.#head || "the server closed"}`));
      this.#hooks.onClose?.();
    });
    this.#socket = socket;
    return new Promise((resolve, reject) => this.#settle = { resolve, reject });
  }

  /** Sends texts as WebSocket frames, in one write. */
  send(payloads: readonly string[]): void {
    const frames = payloads.map((payload) => clientFrame(OPCODE.text, Buffer.from(payload)));
    this.#socket?.write(frames.length === 1 ? frames[0]! : Buffer.concat(frames));
  }

  close(): void {
    this.#socket?.destroy();
  }

  #hello(): string {
    const { host, port, path, transport } = this.#target;
    if (transport === "tcp") {
      this.#head = undefined;
      this.#settle?.resolve();
      return `${path}\r\n`;
    }
    const upgrade = transport === "ws"
      ? "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n" +
        `Sec-WebSocket-Key: ${KEY}\r\n`
      : "Accept: text/event-stream, application/x-ndjson\r\n";
    return `GET ${path} HTTP/1.1\r\nHost: ${host}:${port}\r\n${upgrade}\r\n`;
  }

  #receive(length: number): boolean {
    const inbox = this.#inbox;
    inbox.now = performance.now();
    inbox.reads++;
    inbox.received += length;
    inbox.bytes[length] = MARK; // where a search ends
    const start = this.#head === undefined ? 0 : this.#readHead(length);
    if (this.#target.transport === "ws") this.#frames.read(inbox.bytes, length, start);
    else this.#reader.read(inbox.bytes, start, length, Infinity, true);
    this.#hooks.onRead?.();
    return true;
  }

  /** Where the answer's head ends in the bytes just read; all of them while it is not whole. */
  #readHead(length: number): number {
    const before = this.#head!.length;
    const head = this.#head + Buffer.from(this.#inbox.bytes.subarray(0, length)).toString("latin1");
    const end = head.indexOf("\r\n\r\n");
    this.#head = head;
    if (end < 0) return length;
    const isWebSocket = this.#target.transport === "ws";
    if (!head.startsWith(isWebSocket ? "HTTP/1.1 101 " : "HTTP/1.1 200 ")) {
      this.close();
      return length;
    }
    if (isWebSocket && !head.includes(ACCEPT)) throw new Error("Cannot open: wrong accept key");
    this.#head = undefined;
    const hello = greeting(this.#target.dialect);
    if (hello !== undefined) this.send([hello]);
    this.#settle?.resolve();
    return end + 4 - before;
  }

  #readPayload(bytes: Uint8Array, from: number, to: number, left: number, fresh: boolean): void {
    if (
      this.#isEngineIo && fresh && left === 0 && to - from === 1 && bytes[from] === ENGINE_IO_PING
    ) {
      this.send([ENGINE_IO_PONG]);
      return;
    }
    this.#reader.read(bytes, from, to, left, fresh);
  }

  #answer(opcode: number, payload: Uint8Array): void {
    if (opcode === OPCODE.ping) this.#socket?.write(clientFrame(OPCODE.pong, payload));
    if (opcode === OPCODE.close) this.close();
  }
}
