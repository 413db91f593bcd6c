import type { DraftFields } from "../../../lib/model/draft.ts";
import type { Addresses } from "../../support/server.ts";
import { type Client, postAs, type Transport } from "../../transports/clients/client.ts";
import type { Random } from "../support/random.ts";
import type { Reachable } from "../support/restartable.ts";

/** Between two tries while the server is down. */
const AGAIN_MS = 20;

/** What was answered as stored. */
export interface Acked {
  readonly seq: number;
  readonly id: string;
  /** Of a message or an edit. */
  readonly text: string;
  readonly fields: DraftFields;
}

/** A message of its own, as it is after all that was answered. */
export interface Own {
  text: string;
  deleted: boolean;
  /** Its own reactions. */
  readonly emoji: Set<string>;
}

const EMOJI = ["👍", "🎉"];

/**
 * Posts one message after the other, each with an id under which it is tried until it is answered; with
 * `mix` it also answers, edits, deletes and reacts to what it posted before.
 */
export class ChaosWriter {
  readonly name: string;
  readonly acked: Acked[] = [];
  /** By their seq. */
  readonly own = new Map<number, Own>();
  /** What an answer said that contradicts an earlier one. */
  readonly problems: string[] = [];
  /** Posts that had no answer, or a refusal, and were made again. */
  retries = 0;
  /** Answers that said the message was there already. */
  duplicates = 0;
  readonly #server: Reachable;
  readonly #transport: Transport;
  readonly #random: Random;
  readonly #mix: boolean;
  #token: string | undefined;
  /** What is tried until it is answered. */
  #next: DraftFields | undefined;

  constructor(
    server: Reachable,
    transport: Transport,
    name: string,
    random: Random,
    { mix = false } = {},
  ) {
    this.#mix = mix;
    this.#server = server;
    this.#transport = transport;
    this.name = name;
    this.#random = random;
  }

  /** Until the signal; the message under way is brought to its answer. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        const at = await this.#server.addresses();
        await using client = await this.#join(at);
        while (!signal.aborted) {
          await this.#post(client, at);
          if (this.#random.percent(5)) await this.#postAgain(client);
          client.inbox.events.length = 0; // a writer looks at nothing but its answers
        }
      } catch {
        this.retries++;
        await pause(AGAIN_MS);
      }
    }
  }

  async #join(at: Addresses): Promise<Client> {
    const { name } = this;
    const token = this.#token;
    const client = await this.#transport.join(at, { ...(token ? { token } : { name }), recent: 0 });
    this.#token ??= client.token;
    return client;
  }

  async #post(client: Client, at: Addresses): Promise<void> {
    const id = String(this.acked.length + 1);
    const fields = this.#next ??= this.#choose(id);
    const attempts = [client.send(fields)];
    // Now and then two at once, by two transports: the second must find the first.
    if (this.#random.percent(5)) attempts.push(postAs(at, this.#token, fields));
    const receipts = (await Promise.allSettled(attempts))
      .filter((result) => result.status === "fulfilled").map(({ value }) => value);
    const [first] = receipts;
    if (!first) throw new Error("no answer");
    const text = "text" in fields ? String(fields.text) : "";
    this.acked.push({ seq: first.seq, id, text, fields });
    this.#next = undefined;
    this.#apply(fields, first.seq);
    this.duplicates += receipts.filter(({ duplicate }) => duplicate).length;
    if (receipts.some(({ seq }) => seq !== first.seq)) {
      this.problems.push(`${this.name} ${id}: two at once are ${receipts.map(({ seq }) => seq)}`);
    }
  }

  /** A late retry of something answered long ago, perhaps by a server that is no more. */
  async #postAgain(client: Client): Promise<void> {
    const { seq, id, fields } = this.#random.pick(this.acked);
    const again = await client.send(fields);
    if (again.seq !== seq || (fields.type === undefined && !again.duplicate)) {
      const now = JSON.stringify(again);
      this.problems.push(`${this.name} ${id}: was ${seq}, and is ${now} when posted again`);
    }
  }

  #choose(id: string): DraftFields {
    const text = `${this.name} says ${id}`;
    const kept = [...this.own].filter(([, { deleted }]) => !deleted);
    if (!this.#mix || kept.length === 0 || this.#random.percent(50)) return { text, id };
    const [ref, { emoji: mine }] = this.#random.pick(kept.slice(-20));
    if (this.#random.percent(20)) return { text, id, re: ref };
    if (this.#random.percent(30)) {
      return { type: "edit", ref, text: `${this.name} edits ${id}`, id };
    }
    if (this.#random.percent(20)) return { type: "delete", ref, id };
    const emoji = this.#random.pick(EMOJI);
    return { type: "reaction", ref, emoji, on: !mine.has(emoji), id };
  }

  #apply(fields: DraftFields, seq: number): void {
    const target = "ref" in fields ? this.own.get(Number(fields.ref))! : undefined;
    switch (fields.type) {
      case "edit":
        target!.text = String(fields.text);
        return;
      case "delete":
        target!.deleted = true;
        return;
      case "reaction":
        if (fields.on) target!.emoji.add(String(fields.emoji));
        else target!.emoji.delete(String(fields.emoji));
        return;
      default:
        this.own.set(seq, { text: String(fields.text), deleted: false, emoji: new Set() });
    }
  }
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
