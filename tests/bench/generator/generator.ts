import process from "node:process";
import { clearTimeout, setTimeout } from "node:timers";
import type { Answer, Command, Mark, Role, Totals } from "./command.ts";
import { Connection, Inbox, type Target } from "./connection.ts";
import { Napper } from "./nap.ts";
import { OpenLoop, type OpenLoopPlan, type OpenLoopResult } from "./open_loop.ts";
import { Publisher } from "./publisher.ts";

const CONNECTING_AT_ONCE = 64;
const CONNECT_LIMIT_MS = 10_000;

/** The clients of one process, and what can be done with them. */
export class Generator {
  readonly #inbox = new Inbox();
  readonly #napper = new Napper(this.#inbox);
  readonly #connections: Connection[] = [];
  readonly #publishers: Publisher[] = [];
  /** Texts each connection had got when counting began. */
  #before: number[] = [];
  #watched = 0;
  #closed = 0;
  #openLoop: OpenLoop | undefined;

  async obey(command: Command): Promise<Answer[keyof Answer]> {
    switch (command.do) {
      case "connect":
        return await this.#connect(command);
      case "settle":
        return await this.#settle(command.quietMs, command.limitMs);
      case "nap":
        this.#napper.allow(command.longest);
        return {};
      case "mark":
        return this.#mark();
      case "closed":
        for (const publisher of this.#publishers) publisher.keepInFlight(command.window);
        return {};
      case "open":
        return await this.#open(command.plan);
      case "stop":
        return await this.#stop(command.limitMs);
      case "totals":
        return this.#totals();
    }
  }

  async #connect(order: Extract<Command, { do: "connect" }>): Promise<Answer["connect"]> {
    const numbers = Array.from({ length: order.count }, (_, i) => order.first + i);
    let connected = 0;
    let error: string | undefined;
    const connectNext = async (): Promise<void> => {
      for (let n = numbers.shift(); n !== undefined; n = numbers.shift()) {
        const path = order.target.path.replace("{n}", String(n));
        const connection = this.#client(order.role, { ...order.target, path });
        try {
          await inTime(connection.open(), CONNECT_LIMIT_MS);
          this.#connections.push(connection);
          if (order.role === "watch") this.#watched++;
          connected++;
        } catch (cause) {
          error = cause instanceof Error ? cause.message.slice(0, 300) : String(cause);
          return;
        }
      }
    };
    await Promise.all(Array.from({ length: CONNECTING_AT_ONCE }, connectNext));
    return error === undefined ? { connected } : { connected, error };
  }

  #client(role: Role, target: Target): Connection {
    const onClose = (): void => void this.#closed++;
    switch (role) {
      case "publisher": {
        const publisher = new Publisher(this.#publishers.length, target, this.#inbox, onClose);
        this.#publishers.push(publisher);
        return publisher.connection;
      }
      case "watch":
        return new Connection(target, this.#inbox, {
          onText: (_, due) => this.#openLoop?.arrived(due, this.#inbox.now * 1000),
          onClose,
        });
      case "bulk":
        return new Connection(target, this.#inbox, { onClose });
    }
  }

  /** Waits until nothing has come for a while, then counts from zero. */
  async #settle(quietMs: number, limitMs: number): Promise<Answer["settle"]> {
    const deadline = performance.now() + limitMs;
    let reads: number;
    do {
      reads = this.#inbox.reads;
      await pause(quietMs);
    } while (reads !== this.#inbox.reads && performance.now() < deadline);
    this.#before = this.#connections.map((connection) => connection.texts);
    for (const publisher of this.#publishers) publisher.reset();
    return {};
  }

  #mark(): Mark {
    const { user, system } = process.cpuUsage();
    return {
      at: performance.now(),
      texts: this.#connections.reduce((sum, connection) => sum + connection.texts, 0),
      reads: this.#inbox.reads,
      bytes: this.#inbox.received,
      cpu: user + system,
    };
  }

  async #open(plan: OpenLoopPlan): Promise<OpenLoopResult> {
    this.#openLoop = new OpenLoop(this.#publishers, plan);
    const result = await this.#openLoop.run(this.#watched);
    this.#openLoop = undefined;
    return result;
  }

  /** Sends no more, and waits for what is in flight. */
  async #stop(limitMs: number): Promise<Answer["stop"]> {
    for (const publisher of this.#publishers) publisher.keepInFlight(0);
    const sum = (of: (publisher: Publisher) => number): number =>
      this.#publishers.reduce((total, publisher) => total + of(publisher), 0);
    const deadline = performance.now() + limitMs;
    while (sum((publisher) => publisher.inFlight) > 0 && performance.now() < deadline) {
      await pause(10);
    }
    return {
      sent: sum((publisher) => publisher.sent),
      lost: sum((publisher) => publisher.inFlight),
    };
  }

  #totals(): Totals {
    const texts = this.#connections.map((connection, i) =>
      connection.texts - (this.#before[i] ?? 0)
    );
    return {
      least: texts.reduce((least, count) => Math.min(least, count), Infinity),
      most: texts.reduce((most, count) => Math.max(most, count), 0),
      connections: texts.length,
      closed: this.#closed,
    };
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

function inTime(promise: Promise<void>, ms: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`Cannot connect: nothing in ${ms} ms`)), ms);
    promise.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
