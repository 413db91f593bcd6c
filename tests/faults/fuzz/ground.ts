import { assert, assertEquals } from "@std/assert";
import { checkAnswers, type Reached } from "./answers/check.ts";
import { attack } from "./attack.ts";
import { type Case, showsSecret } from "./case.ts";
import { LogCheck, NormalUsers, OF_THE_ROOM } from "./room_check.ts";
import { AttackedServer, type Kind } from "./server.ts";

/** By then everything has been loaded and compiled. */
const EARLY_RUNS = 10;
/** How long a turn of the event loop may take, where the machine has nothing else to do meanwhile. */
const SLOWEST_MS = 2000;
/** What a heap may grow by without a leak: the newest messages, and the names that are held. */
const HEAP_GROWTH_MB = 40;
/** An upgrade that was reset before its answer is given up after 10 s. */
const GIVEN_UP_MS = 12_000;

/** A server under attack, and another in its place after an attack that it did not withstand. */
export class Ground implements AsyncDisposable {
  #server: AttackedServer;
  #log: LogCheck;
  #isSound = true;
  #runs = 0;
  #heapMb: [number, number] = [0, 0];
  #residentMb: [number, number] = [0, 0];
  #slowestMs = 0;

  private constructor(server: AttackedServer) {
    this.#server = server;
    this.#log = new LogCheck(server);
  }

  static async start(kind: Kind): Promise<Ground> {
    return new Ground(await AttackedServer.start(kind));
  }

  get kind(): Kind {
    return this.#server.kind;
  }

  /** What memory was after the first runs, and after the last, in MB. */
  get heapMb(): readonly [early: number, late: number] {
    return this.#heapMb;
  }

  get residentMb(): readonly [early: number, late: number] {
    return this.#residentMb;
  }

  /** The longest that the event loop stood still. */
  get slowestMs(): number {
    return this.#slowestMs;
  }

  /** All attempts at once, while normal users are there. Rejects with what is not as it must be. */
  async attack(
    attempts: readonly Case[],
    { turn, reached }: { readonly turn: number; readonly reached: Reached },
  ): Promise<void> {
    if (!this.#isSound) await this.#startAnew();
    const server = this.#server;
    this.#isSound = false;
    {
      await using users = await NormalUsers.join(server, turn);
      const known = await server.knownNow(users.name);
      const came = await Promise.all(attempts.map((each) => attack(server, each, known)));
      for (const [i, each] of attempts.entries()) {
        checkAnswers(each, came[i]!, reached);
        if (this.kind === "closed" && !showsSecret(each)) checkShut(came[i]!, known.user);
      }
      await this.#log.readTo(await users.speak());
      await users.areAlone();
    }
    const health = await server.health();
    assertEquals(health.reported, [], "the server reported what no client should cause");
    const isSlow = health.slowestMs >= SLOWEST_MS && health.cpuMs >= SLOWEST_MS;
    assert(!isSlow, `the event loop stood still for ${health.slowestMs} ms`);
    this.#slowestMs = health.slowestMs;
    this.#runs++;
    const isEarly = this.#runs <= EARLY_RUNS;
    this.#heapMb = [isEarly ? health.heapMb : this.#heapMb[0], health.heapMb];
    this.#residentMb = [isEarly ? health.residentMb : this.#residentMb[0], health.residentMb];
    this.#isSound = true;
  }

  /** What is wrong with what is still held when everybody has gone; undefined where nothing is. */
  async leftBehind(): Promise<string | undefined> {
    if (!this.#isSound) return undefined;
    const grownMb = this.#heapMb[1] - this.#heapMb[0];
    if (grownMb > HEAP_GROWTH_MB) return `the heap grew by ${grownMb.toFixed(0)} MB`;
    const { at, watching } = this.#server;
    const until = performance.now() + GIVEN_UP_MS;
    for (;;) {
      // Counting one connects it, and looks for those to give up.
      const stream = await fetch(`${at.url}/stream?recent=0`, { headers: watching });
      await stream.body?.cancel();
      // That one has to be noticed as gone, too.
      await new Promise((resolve) => setTimeout(resolve, 200));
      const { open, held } = await this.#server.health();
      if (open === 0) return undefined;
      if (performance.now() <= until) continue;
      const left = Object.entries(held).filter(([, count]) => count > 0);
      return `${open} connections are still counted: ${JSON.stringify(Object.fromEntries(left))}`;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server[Symbol.asyncDispose]();
  }

  async #startAnew(): Promise<void> {
    await this.#server[Symbol.asyncDispose]();
    this.#server = await AttackedServer.start(this.kind);
    this.#log = new LogCheck(this.#server);
    this.#runs = 0;
  }
}

/** Nobody who showed neither the password nor a token comes to know anything of the room. */
function checkShut(bytes: Uint8Array, user: string): void {
  // Whoever asks by a name may hear of that name.
  const text = new TextDecoder().decode(bytes).replaceAll(user, "");
  const found = OF_THE_ROOM.exec(text);
  assert(found === null, `somebody without the password is shown "${found?.[0]}"`);
}
