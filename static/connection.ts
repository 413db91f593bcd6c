import type { Event } from "../lib/events.ts";
import { ApiError, postMessage, takeName } from "./api.ts";
import { backoffMs } from "./backoff.ts";
import type { Timer } from "./dom.ts";
import { type Line, openEventStream, openPoll, openWebSocket, type Via } from "./lines.ts";

/** A line on which nothing has come so long after its opening is as good as none. */
const OPEN_MS = 6000;
/** Until the server says how often it speaks. */
const PING_S = 25;
/** From settling for less to the first look whether a WebSocket can be had; then ever more rarely. */
const UPGRADE_FIRST_MS = 5000;
const UPGRADE_LONGEST_MS = 120_000;

export type ConnectionState =
  | { readonly type: "connecting" }
  /** `missed`: how many messages came since the connection before was lost. */
  | { readonly type: "connected"; readonly via: Via; readonly missed?: number }
  /** `until` is the time of the next attempt, in milliseconds since the Unix epoch. */
  | { readonly type: "waiting"; readonly until: number }
  | { readonly type: "offline" };

export interface ConnectionListener {
  /** What the room says: entries without a hole and without repeating one, and all else as it came. */
  heard(events: readonly Event[]): void;
  changed(state: ConnectionState): void;
  /** The name cannot be had: from here on the connection only reads. */
  refused(error: ApiError): void;
}

/**
 * Stays connected: over the best line that can be had, and from the cursor on. Without a name it only
 * reads, by polling, and nobody sees it in the room.
 */
export class Connection {
  readonly #listener: ConnectionListener;
  #epoch: string | undefined;
  #seq: number | undefined;
  #name: string | undefined;
  /** Whether the server knows us by our name since this page was loaded. */
  #known = false;
  #line: Line | undefined;
  #state: ConnectionState = { type: "connecting" };
  #everConnected = false;
  #pingMs = PING_S * 1000;
  #missed = 0;
  /** Set where the next attempt need not wait. */
  #again = false;
  /** In how many milliseconds the server asked us to come back. */
  #byeMs: number | undefined;
  /** Ends the pause between two attempts. */
  #wake: (() => void) | undefined;
  readonly #acks = new Map<string, PromiseWithResolvers<number>>();

  /** `cursor` is what the page shows already. */
  constructor(listener: ConnectionListener, cursor?: { epoch: string; seq: number }) {
    this.#listener = listener;
    this.#epoch = cursor?.epoch;
    this.#seq = cursor?.seq;
  }

  get state(): ConnectionState {
    return this.#state;
  }

  /** Begins, and never ends; to be called once. */
  start(name?: string): void {
    this.#name = name;
    addEventListener("online", () => this.reconnect());
    addEventListener("offline", () => this.#line?.close());
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState === "visible") this.reconnect();
    });
    this.#run();
  }

  /** Comes in under a name the server has already granted, or goes on under another. */
  enter(name: string): void {
    const entered = this.#name !== undefined;
    this.#name = name;
    this.#known = true;
    this.#everConnected &&= entered;
    // Only the way in makes a new connection: a new name is told to everybody, us too.
    if (!entered) this.#hangUp();
  }

  /** Tries at once, where it is waiting to. */
  reconnect(): void {
    this.#wake?.();
  }

  typing(): void {
    this.#line?.send({ type: "typing" });
  }

  /** Resolves with the seq when the message is stored; rejects with an ApiError. */
  async post(message: { id: string; text: string }): Promise<number> {
    const line = this.#line;
    const { type } = this.#state;
    if (!line || type !== "connected") throw new ApiError("network", "not connected");
    if (line.via !== "websocket") return (await postMessage(message)).seq;
    const ack = Promise.withResolvers<number>();
    this.#acks.set(message.id, ack);
    try {
      if (!line.send({ type: "message", ...message })) throw new ApiError("network", "closed");
      return await Promise.race([ack.promise, line.closed.then(lost)]);
    } finally {
      this.#acks.delete(message.id);
    }
  }

  async #run(): Promise<never> {
    for (let failures = 0;;) {
      this.#change({ type: "connecting" });
      if (await this.#attempt()) failures = 0;
      if (this.#again) {
        this.#again = false;
        continue;
      }
      await this.#pause(this.#byeMs ?? backoffMs(++failures));
      this.#byeMs = undefined;
    }
  }

  #hangUp(): void {
    this.#again = true;
    this.#line?.close();
    this.#wake?.();
  }

  /** Whether there was a connection, which is then over. */
  async #attempt(): Promise<boolean> {
    if (this.#name === undefined) return await this.#ride(openPoll);
    if (!this.#known && !await this.#introduce(this.#name)) return false;
    for (const open of [openWebSocket, openEventStream, openPoll]) {
      if (this.#again) return true;
      if (await this.#ride(open)) return true;
    }
    return false;
  }

  /** Tells the server our name, so that the cookie is there on whatever line. */
  async #introduce(name: string): Promise<boolean> {
    try {
      this.#name = await takeName(name);
      this.#known = true;
    } catch (error) {
      const refusal = error as ApiError;
      if (refusal.code !== "name_taken" && refusal.code !== "bad_request") return false;
      this.#name = undefined;
      this.#again = true;
      this.#listener.refused(refusal);
      return false;
    }
    return true;
  }

  /** One line, until it is over. Whether anything was ever heard on it. */
  async #ride(open: typeof openWebSocket): Promise<boolean> {
    let opened = false;
    let timer: Timer;
    const watch = (ms: number) => {
      clearTimeout(timer);
      timer = setTimeout(() => line.close(), ms);
    };
    const line = open({
      since: this.#cursor(),
      name: this.#name,
      heard: (events, epoch) => {
        opened ||= events.length > 0;
        this.#epoch = epoch ?? this.#epoch;
        // A poll has its own deadline; on the others the server speaks at each ping.
        if (line.via === "poll") clearTimeout(timer);
        else watch(opened ? 2.5 * this.#pingMs : OPEN_MS);
        this.#hear(line, events);
      },
    });
    this.#line = line;
    this.#missed = 0;
    watch(OPEN_MS);
    const upgrading = line.via === "websocket" ? undefined : this.#seekUpgrade(line);
    await line.closed;
    upgrading?.abort();
    clearTimeout(timer);
    this.#line = undefined;
    return opened;
  }

  #hear(line: Line, events: readonly Event[]): void {
    const passed: Event[] = [];
    for (const event of events) {
      if (event.type === "message") {
        if (this.#seq !== undefined && event.seq <= this.#seq) continue;
        if (this.#seq !== undefined && event.seq > this.#seq + 1) {
          // A hole: what is missing comes when we ask from our cursor on.
          line.close();
          break;
        }
        this.#seq = event.seq;
        this.#missed++;
      }
      this.#note(line, event);
      passed.push(event);
    }
    if (passed.length > 0) this.#listener.heard(passed);
  }

  #note(line: Line, event: Event): void {
    switch (event.type) {
      case "welcome":
        this.#pingMs = event.ping * 1000;
        this.#name = event.name;
        if (event.resumed || event.epoch !== this.#epoch) this.#epoch = event.epoch;
        // Where it does not go on from our cursor, it starts anew: a `reset` says why.
        if (!event.resumed) this.#seq = undefined;
        break;
      case "reset":
        this.#epoch = event.epoch;
        this.#seq = undefined;
        break;
      case "live":
        this.#seq ??= event.seq;
        this.#live(line);
        break;
      case "ack":
        if (event.id) this.#acks.get(event.id)?.resolve(event.seq);
        break;
      case "error":
        if (event.id) {
          this.#acks.get(event.id)?.reject(
            new ApiError(event.code, event.message, event.retry_after),
          );
        }
        break;
      case "bye":
        this.#byeMs = event.reconnect_ms;
        break;
    }
  }

  #live(line: Line): void {
    const { type } = this.#state;
    if (type === "connected") return;
    const missed = this.#everConnected ? { missed: this.#missed } : {};
    this.#everConnected = true;
    this.#change({ type: "connected", via: line.via, ...missed });
  }

  /** Looks from time to time whether a WebSocket opens; if so the line ends, and the next is one. */
  #seekUpgrade(line: Line): AbortController | undefined {
    if (this.#name === undefined) return undefined;
    const aborter = new AbortController();
    const seek = async (delay: number): Promise<void> => {
      await pause(delay, aborter.signal);
      if (aborter.signal.aborted) return;
      if (!await this.#opens()) return seek(Math.min(2 * delay, UPGRADE_LONGEST_MS));
      this.#again = true;
      line.close();
    };
    seek(UPGRADE_FIRST_MS);
    return aborter;
  }

  /** Two connections of one session are one person: nobody sees the attempt. */
  async #opens(): Promise<boolean> {
    let opened = false;
    const line = openWebSocket({
      since: this.#cursor(),
      name: this.#name,
      heard: () => {
        opened = true;
        line.close();
      },
    });
    const timer = setTimeout(() => line.close(), OPEN_MS);
    await line.closed;
    clearTimeout(timer);
    return opened;
  }

  async #pause(ms: number): Promise<void> {
    const aborter = new AbortController();
    this.#wake = () => aborter.abort();
    this.#change(
      navigator.onLine ? { type: "waiting", until: Date.now() + ms } : { type: "offline" },
    );
    // Without a network there is nothing to wait for but its return, which wakes us.
    await pause(navigator.onLine ? ms : 2 ** 31 - 1, aborter.signal);
    this.#wake = undefined;
  }

  #cursor(): string | undefined {
    if (this.#seq === undefined) return undefined;
    return this.#epoch === undefined ? String(this.#seq) : `${this.#epoch}-${this.#seq}`;
  }

  #change(state: ConnectionState): void {
    this.#state = state;
    this.#listener.changed(state);
  }
}

function lost(): never {
  throw new ApiError("network", "the connection was lost");
}

/** Resolves after the time, or when the signal aborts. */
function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
