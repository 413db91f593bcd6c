import type { HeardEvent } from "../model/events.ts";
import type { OrderFields } from "../model/order.ts";
import { Refusal } from "../model/refusal.ts";
import type { Frame } from "./carrier.ts";
import { NotConnected } from "./errors.ts";
import type { Requests } from "./requests.ts";

/** What an operator asks for, and the answers that are still to come. */
export class Orders {
  readonly #waiting = new Map<string, PromiseWithResolvers<string>>();
  #count = 0;

  /** Over HTTP. Throws as `Requests.ask`. */
  async ask(requests: Requests, order: OrderFields): Promise<string> {
    const { answer } = await requests.ask("api/moderation", { body: order });
    const { text } = Object(answer) as { text?: unknown };
    return typeof text === "string" ? text : "";
  }

  /** In a frame. Rejects with a Refusal, or NotConnected where the connection is lost before. */
  async send(send: (frame: Frame) => void, order: OrderFields): Promise<string> {
    const id = `order-${++this.#count}`;
    const answer = Promise.withResolvers<string>();
    this.#waiting.set(id, answer);
    send({ ...order, id });
    try {
      return await answer.promise;
    } finally {
      this.#waiting.delete(id);
    }
  }

  /** True where the event is the answer to an order of ours. */
  answered(event: HeardEvent): boolean {
    if (event.type !== "done" && event.type !== "ack" && event.type !== "error") return false;
    const waiting = event.id === undefined ? undefined : this.#waiting.get(event.id);
    if (!waiting) return false;
    if (event.type === "error") waiting.reject(new Refusal(event.code, event.message));
    else waiting.resolve(event.type === "done" ? event.text : "");
    return true;
  }

  /** Whoever waits for an answer will not get it. */
  disconnected(): void {
    const why = new NotConnected("the connection was lost before the answer");
    for (const { reject } of this.#waiting.values()) reject(why);
  }
}
