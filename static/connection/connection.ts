import type { RoomEvent } from "../../lib/model/events.ts";
import { ApiError, takeName } from "./api.ts";
import { backoffMs } from "./backoff.ts";
import type { Timer } from "../base/dom.ts";
import type { Line, OpenLine, Via } from "./line.ts";
import { openEventStream, openPoll } from "./line_http.ts";
import { openWebSocket } from "./line_websocket.ts";
import { pause } from "./pause.ts";
import { Position } from "./position.ts";

/** A line on which nothing has come so long after its opening is as good as none. */
const OPEN_MS = 6000;
/** Until the server says how often it speaks. */
const PING_S = 25;
/** From settling for less to the first look whether a WebSocket can be had; then ever more rarely. */
const UPGRADE_FIRST_MS = 5000;
const UPGRADE_LONGEST_MS = 120_000;
/** Without a network there is nothing to wait for but its return, which wakes us. */
const FOR_EVER_MS = 2 ** 31 - 1;

export type ConnectionState =
  | { readonly type: "connecting" }
  /** `missed`: how many messages came since the connection before was lost. */
  | { readonly type: "connected"; readonly via: Via; readonly missed?: number }
  /** `until` is the time of the next attempt, in milliseconds since the Unix epoch. */
  | { readonly type: "waiting"; readonly until: number }
  | { readonly type: "offline" };

export interface ConnectionListener {
  /** What the room says: entries without a hole and without repeating one, and all else as it came. */
  heard(events: readonly RoomEvent[]): void;
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
  readonly #position: Position;
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

  /** `cursor` is what the page shows already. */
  constructor(listener: ConnectionListener, cursor?: { epoch: string; seq: number }) {
    this.#listener = listener;
    this.#position = new Position(cursor);
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
    this.#line?.typing();
  }

  /** Resolves with the seq when the message is stored; rejects with an ApiError. */
  async post(message: { id: string; text: string }): Promise<number> {
    const line = this.#line;
    if (!line || this.#state.type !== "connected") throw new ApiError("network", "not connected");
    return await line.post(message);
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
  async #ride(open: OpenLine): Promise<boolean> {
    let opened = false;
    let timer: Timer;
    const watch = (ms: number) => {
      clearTimeout(timer);
      timer = setTimeout(() => line.close(), ms);
    };
    const line = open({
      since: this.#position.cursor,
      name: this.#name,
      heard: (events, epoch) => {
        opened ||= events.length > 0;
        // A poll has its own deadline; on the others the server speaks at each ping.
        if (line.via === "poll") clearTimeout(timer);
        else watch(opened ? 2.5 * this.#pingMs : OPEN_MS);
        const taken = this.#position.take(events, epoch);
        this.#hear(line, taken.events);
        if (taken.hole) line.close();
      },
    });
    this.#line = line;
    this.#missed = 0;
    watch(OPEN_MS);
    const riding = new AbortController();
    if (line.via !== "websocket") this.#seekUpgrade(line, riding.signal);
    await line.closed;
    riding.abort();
    clearTimeout(timer);
    this.#line = undefined;
    return opened;
  }

  #hear(line: Line, events: readonly RoomEvent[]): void {
    for (const event of events) {
      if (event.type === "message") this.#missed++;
      else if (event.type === "live") this.#live(line);
      else if (event.type === "bye") this.#byeMs = event.reconnect_ms;
      else if (event.type === "welcome") {
        this.#pingMs = event.ping * 1000;
        this.#name = event.name;
      }
    }
    if (events.length > 0) this.#listener.heard(events);
  }

  #live(line: Line): void {
    const { type } = this.#state;
    if (type === "connected") return;
    const missed = this.#everConnected ? { missed: this.#missed } : {};
    this.#everConnected = true;
    this.#change({ type: "connected", via: line.via, ...missed });
  }

  /** Looks from time to time whether a WebSocket opens; if so the line ends, and the next is one. */
  async #seekUpgrade(line: Line, signal: AbortSignal): Promise<void> {
    if (this.#name === undefined) return;
    for (let ms = UPGRADE_FIRST_MS;; ms = Math.min(2 * ms, UPGRADE_LONGEST_MS)) {
      await pause(ms, signal);
      if (signal.aborted) return;
      if (!await this.#opens()) continue;
      this.#again = true;
      return line.close();
    }
  }

  /** Two connections of one session are one person: nobody sees the attempt. */
  async #opens(): Promise<boolean> {
    let opened = false;
    const line = openWebSocket({
      since: this.#position.cursor,
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
    await pause(navigator.onLine ? ms : FOR_EVER_MS, aborter.signal);
    this.#wake = undefined;
  }

  #change(state: ConnectionState): void {
    this.#state = state;
    this.#listener.changed(state);
  }
}
