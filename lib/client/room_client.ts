import { Deadline, settledOr } from "../base/deadline.ts";
import { parseId, parseText } from "../model/draft.ts";
import { clean } from "../model/text.ts";
import type { FoundPeople } from "../model/events.ts";
import type { FileInfo, Receipt } from "../model/message.ts";
import type { OrderFields } from "../model/order.ts";
import { Refusal } from "../model/refusal.ts";
import { parseEvent } from "../wire/event_decoder.ts";
import type { Client, ClientEvent, ConnectionState, PeopleView, SayOptions } from "./client.ts";
import { NotConnected, reasonOf } from "./errors.ts";
import type { Outgoing, Ref, Saying } from "./outbox/outgoing.ts";
import { type FileSource, type Transfer, upload, type UploadOptions } from "./outbox/upload.ts";
import { Stay, type StayOptions } from "./stay.ts";

/** Leaving takes no longer than this, with what is still to be sent. */
const LEAVE_MS = 1000;
/** Once in so long the others are told that somebody types. */
const TYPING_MS = 3000;

/** What a client is made of. */
export interface RoomClientOptions extends StayOptions {
  readonly transfer: Transfer;
  /** Leaves when it aborts. */
  readonly signal: AbortSignal | undefined;
}

/** What a client can be asked for, and its end. What comes is for its stay. */
export class RoomClient implements Client {
  readonly #options: RoomClientOptions;
  readonly #stay: Stay;
  readonly #running: Promise<void>;
  readonly #onAbort = () => void this.leave();
  #typedAt = -Infinity;
  #leaving: Promise<void> | undefined;

  constructor(options: RoomClientOptions) {
    this.#options = options;
    this.#stay = new Stay(options);
    this.#running = this.#run();
    options.signal?.addEventListener("abort", this.#onAbort);
    if (options.signal?.aborted) this.leave();
  }

  get people(): PeopleView {
    return this.#stay.people;
  }

  get state(): ConnectionState {
    return this.#stay.state;
  }

  get name(): string | undefined {
    return this.#stay.lurking ? undefined : this.#options.identity.name;
  }

  get token(): string | undefined {
    return this.#options.identity.token;
  }

  get cursor(): string | undefined {
    return this.#stay.reading.cursor;
  }

  get outgoing(): readonly Outgoing[] {
    return this.#options.outbox.outgoing;
  }

  [Symbol.asyncIterator](): AsyncIterator<ClientEvent> {
    return this.#stay.reading.events();
  }

  batches(): AsyncIterable<readonly ClientEvent[]> {
    return { [Symbol.asyncIterator]: () => this.#stay.reading.batches() };
  }

  say(text: string, { id, re, files }: SayOptions = {}): Promise<Receipt> {
    return this.#say(() => ({
      type: "message",
      text: files?.length && text.trim() === "" ? "" : parseText(text),
      ...(re !== undefined && { re }),
      ...(files?.length && { files }),
    }), id) as Promise<Receipt>; // a message is stored, or rejected
  }

  edit(ref: Ref, text: string, { id }: Pick<SayOptions, "id"> = {}): Promise<Receipt> {
    // So is an edit.
    return this.#say(() => ({ type: "edit", ref, text: parseText(text) }), id) as Promise<Receipt>;
  }

  remove(ref: Ref, { id }: Pick<SayOptions, "id"> = {}): Promise<Receipt | undefined> {
    return this.#say(() => ({ type: "delete", ref }), id);
  }

  react(
    ref: Ref,
    emoji: string,
    on = true,
    { id }: Pick<SayOptions, "id"> = {},
  ): Promise<Receipt> {
    // And a reaction.
    return this.#say(() => ({ type: "reaction", ref, emoji: clean(emoji), on }), id) as Promise<
      Receipt
    >;
  }

  upload(name: string, body: FileSource, options: UploadOptions = {}): Promise<FileInfo> {
    const { requests, clock, transfer } = this.#options;
    if (this.#hasLeft || !requests) {
      const why = requests ? "we have left" : "files go over HTTP only";
      return Promise.reject(new NotConnected(why));
    }
    return upload(requests, { name, body }, { ...options, clock, transfer });
  }

  async findPeople(part: string, limit: number): Promise<FoundPeople> {
    const { requests } = this.#options;
    if (!requests) throw new NotConnected("people are found over HTTP only");
    const query = { q: part, limit };
    const { answer } = await answerOf(requests.ask("api/people", { query }));
    const { more } = Object(answer) as { more?: unknown };
    const here = parseEvent({ ...Object(answer), type: "presence" });
    if (here?.type !== "presence") throw new NotConnected("the answer cannot be read");
    const { count, names = [], operators } = here;
    return { count, names, more: more === true, ...(operators && { operators }) };
  }

  retry(id: string): void {
    this.#options.outbox.retry(id);
  }

  discard(id: string): void {
    this.#options.outbox.discard(id);
  }

  async rename(name: string): Promise<void> {
    const { requests, identity } = this.#options;
    const { connection } = this.#stay.connector;
    if (!connection || this.#stay.state.type !== "connected" || this.#stay.lurking) {
      throw new NotConnected("there is no connection");
    }
    if (requests) await answerOf(identity.take(requests, name));
    else await identity.renameBy((frame) => connection.send(frame), name);
  }

  async enter(name: string): Promise<void> {
    const { requests, identity } = this.#options;
    if (!this.#stay.lurking || !requests) throw new NotConnected("we are in the room already");
    await answerOf(identity.take(requests, name));
    this.#stay.enter();
  }

  async order(order: OrderFields): Promise<string> {
    const { requests } = this.#options;
    const { connector, orders } = this.#stay;
    if (requests) {
      try {
        return await orders.ask(requests, order);
      } catch (error) {
        if (error instanceof Refusal) throw error;
        throw new NotConnected(reasonOf(error), { cause: error });
      }
    }
    const { connection } = connector;
    if (!connection || this.#stay.state.type !== "connected") {
      throw new NotConnected("there is no connection");
    }
    return await orders.send((frame) => connection.send(frame), order);
  }

  typing(): void {
    const now = this.#options.clock.monotonic();
    if (now < this.#typedAt + TYPING_MS || this.#stay.state.type !== "connected") return;
    this.#typedAt = now;
    this.#stay.connector.connection?.send({ type: "typing" });
  }

  reconnect(): void {
    this.#stay.connector.reconnect();
  }

  pause(): void {
    this.#stay.connector.pause();
  }

  leave(): Promise<void> {
    return this.#leaving ??= this.#leave();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.leave();
  }

  get #hasLeft(): boolean {
    return this.#leaving !== undefined || this.#stay.state.type === "closed";
  }

  #say(parse: () => Saying, id: string | undefined): Promise<Receipt | undefined> {
    if (this.#hasLeft) return Promise.reject(new NotConnected("we have left"));
    try {
      const stored = this.#options.outbox.say(parse(), parseId(id));
      if (this.#stay.reading.stalled) this.#stay.connector.wake();
      return stored;
    } catch (refusal) {
      return Promise.reject(refusal);
    }
  }

  async #run(): Promise<void> {
    try {
      await this.#stay.connector.run();
      this.#end();
    } catch (error) {
      this.#end(error);
    }
  }

  #end(error?: unknown): void {
    if (this.#stay.state.type === "closed") return;
    const why = new NotConnected("we left before the server said that it is stored", {
      cause: error,
    });
    this.#options.outbox.close(why);
    this.#options.signal?.removeEventListener("abort", this.#onAbort);
    this.#stay.end(error);
  }

  async #leave(): Promise<void> {
    const { clock, outbox } = this.#options;
    const deadline = new Deadline(LEAVE_MS, { clock });
    if (this.#stay.connector.connection?.opened) {
      await settledOr(deadline.signal, outbox.whenIdle());
    }
    await this.#stay.connector.leave(deadline.signal);
    this.#options.requests?.close();
    await this.#running;
    deadline[Symbol.dispose]();
  }
}

/** A refusal is for the caller; everything else means that there was no answer. */
async function answerOf<T>(asking: Promise<T>): Promise<T> {
  try {
    return await asking;
  } catch (error) {
    if (error instanceof Refusal) throw error;
    throw new NotConnected(reasonOf(error), { cause: error });
  }
}
