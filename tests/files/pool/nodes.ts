import type { FileStore } from "../../../lib/files/mod.ts";
import type { FileInfo, Message } from "../../../lib/model/message.ts";
import { ManualClock, settle } from "../../support/manual_clock.ts";
import { tempDir } from "../../support/temp_dir.ts";
import { contents, FakeMessages, inPieces, openStore, textBytes } from "../uploads.ts";
import { type MemoryConnection, MemoryPool } from "./memory_pool.ts";

export const HOUR_MS = 60 * 60_000;

/** One node: its store, its view of the messages, and its connection to the pool. */
export interface Node {
  readonly store: FileStore;
  readonly messages: FakeMessages;
  readonly pool: MemoryConnection;
  readonly path: string;
}

/** Several nodes on one pool and one history, with the time in the test's hands. */
export class Nodes implements AsyncDisposable {
  readonly clock = new ManualClock();
  readonly pool = new MemoryPool();
  readonly reports: string[] = [];
  readonly all: Node[] = [];
  readonly #owned = new AsyncDisposableStack();
  #seq = 0;

  static async open(count: number): Promise<Nodes> {
    const nodes = new Nodes();
    for (let i = 0; i < count; i++) {
      await nodes.start(nodes.#owned.use(await tempDir()).data);
    }
    return nodes;
  }

  /** One node more, on a folder that may have been another's. */
  async start(path: string): Promise<Node> {
    const messages = new FakeMessages();
    for (const { messages: { files } } of this.all) files.forEach((id) => messages.files.add(id));
    const pool = this.pool.connect();
    const store = this.#owned.use(openStore(path, {
      loop: this.clock,
      pool,
      report: (what) => this.reports.push(what),
    }));
    store.keepReferred(messages);
    const node = { store, messages, pool, path };
    this.all.push(node);
    await this.run();
    return node;
  }

  /** Lets happen what is due, until nothing is any more. */
  async run(): Promise<void> {
    do await settle(); while (this.clock.turn());
  }

  /** The same, while it waits for something. */
  async within<T>(work: Promise<T>): Promise<T> {
    let done = false;
    work.then(() => done = true, () => done = true);
    while (!done) await this.run();
    return await work;
  }

  /** Lets the disk do what it is about to do, until it is so. */
  async until(isSo: () => boolean): Promise<void> {
    while (!isSo()) await this.run();
  }

  /** Lets time pass, in steps in which what is due comes to its end. */
  async pass(ms: number, stepMs = 5000): Promise<void> {
    for (let passed = 0; passed < ms; passed += stepMs) {
      this.clock.advance(Math.min(stepMs, ms - passed));
      await this.run();
    }
  }

  upload({ store }: Node, text: string, session = "ann"): Promise<FileInfo> {
    const chunks = inPieces(textBytes(text));
    return this.within(store.receive(chunks, { session, name: `${text.slice(0, 20)}.txt` }));
  }

  /** As a message that one node takes and all learn of. */
  async post({ store }: Node, { id }: FileInfo, session = "ann"): Promise<number> {
    await this.within(store.refresh([id])!);
    const files = store.resolveFiles([id], session);
    return this.stored(files);
  }

  stored(files: readonly FileInfo[], by: readonly Node[] = this.all): number {
    const seq = ++this.#seq;
    const message: Message = { type: "message", seq, at: 1, from: "ann", text: "", files };
    for (const { messages } of by) {
      for (const { id } of files) messages.files.add(id);
      messages.tell(message);
    }
    return seq;
  }

  /** Deletes the only message that has the file. */
  delete({ id }: FileInfo, ref: number): void {
    const seq = ++this.#seq;
    for (const { messages } of this.all) {
      messages.files.delete(id);
      messages.tell({ type: "delete", seq, at: 1, from: "ann", ref });
    }
  }

  /** What a reader gets from a node; undefined where it is not found. */
  async get({ store }: Node, id: string): Promise<string | undefined> {
    const file = await this.within(store.locate(id));
    if (!file) return undefined;
    try {
      using content = await this.within(file.open());
      return await new Response(content.readable).text();
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return undefined;
      throw error;
    }
  }

  /** Which contents a node has on its disk. */
  cached({ path }: Node): string[] {
    return contents(path).filter((name) => name !== "shared");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.within(this.#owned.disposeAsync());
  }
}
