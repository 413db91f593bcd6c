import type { Addresses } from "../../support/server.ts";
import { type Client, postAs, type Transport } from "../../transports/clients/client.ts";
import type { Random } from "../support/random.ts";
import type { RestartableServer } from "../support/restartable.ts";

/** Between two tries while the server is down. */
const AGAIN_MS = 20;

/** A message that was answered as stored. */
export interface Acked {
  readonly seq: number;
  readonly id: string;
  readonly text: string;
}

/** Posts one message after the other, each with an id under which it is tried until it is answered. */
export class ChaosWriter {
  readonly name: string;
  readonly acked: Acked[] = [];
  /** What an answer said that contradicts an earlier one. */
  readonly problems: string[] = [];
  /** Posts that had no answer, or a refusal, and were made again. */
  retries = 0;
  /** Answers that said the message was there already. */
  duplicates = 0;
  readonly #server: RestartableServer;
  readonly #transport: Transport;
  readonly #random: Random;
  #token: string | undefined;

  constructor(server: RestartableServer, transport: Transport, name: string, random: Random) {
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
    const text = `${this.name} says ${id}`;
    const attempts = [client.say(text, id)];
    // Now and then two at once, by two transports: the second must find the first.
    if (this.#random.percent(5)) {
      attempts.push(postAs(at, this.#token, { id, text }));
    }
    const receipts = (await Promise.allSettled(attempts))
      .filter((result) => result.status === "fulfilled").map(({ value }) => value);
    const [first] = receipts;
    if (!first) throw new Error("no answer");
    this.acked.push({ seq: first.seq, id, text });
    this.duplicates += receipts.filter(({ duplicate }) => duplicate).length;
    if (receipts.some(({ seq }) => seq !== first.seq)) {
      this.problems.push(`${text}: two at once are ${receipts.map(({ seq }) => seq)}`);
    }
  }

  /** A late retry of something answered long ago, perhaps by a server that is no more. */
  async #postAgain(client: Client): Promise<void> {
    const { seq, id, text } = this.#random.pick(this.acked);
    const again = await client.say(text, id);
    if (again.seq !== seq || !again.duplicate) {
      this.problems.push(`${text}: was ${seq}, and is ${JSON.stringify(again)} when posted again`);
    }
  }
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
