import { assertEquals, assertRejects } from "@std/assert";
import type { FileInfo, Receipt } from "../../lib/model/message.ts";
import { Refusal, unavailable } from "../../lib/model/refusal.ts";
import { TestRoom } from "../support/fakes.ts";

const FILE: FileInfo = { id: "f".repeat(64), name: "a.txt", type: "text/plain", size: 1 };
const ann = { sender: "s-ann", from: "ann" };
const bob = { sender: "s-bob", from: "bob" };

/** A room whose files are known when other nodes have answered, each question by hand. */
class AskingRoom extends TestRoom {
  readonly answers: PromiseWithResolvers<void>[];

  constructor() {
    const answers: PromiseWithResolvers<void>[] = [];
    super({
      files: {
        limit: 100,
        resolveFiles: (ids) => ids.map((id) => ({ ...FILE, id })),
        refresh() {
          const answer = Promise.withResolvers<void>();
          answers.push(answer);
          return answer.promise;
        },
      },
    });
    this.answers = answers;
  }

  /** Lets turns pass until all of these are settled. */
  async seqs(...posted: Promise<Receipt>[]): Promise<number[]> {
    let settled = false;
    const all = Promise.all(posted).finally(() => settled = true);
    while (!settled) await this.turn();
    return (await all).map(({ seq }) => seq);
  }
}

Deno.test("what a sender says after a message with files is stored after it, however long these are asked for", async () => {
  await using test = new AskingRoom();
  const { room, answers } = test;
  const look = room.post({ ...ann, text: "look", files: [FILE.id] });
  const again = room.post({ ...ann, text: "and this", files: [FILE.id] });
  const text = room.post({ ...ann, text: "did you see?" });
  assertEquals(await test.seqs(room.post({ ...bob, text: "hi" })), [1]);
  answers[1]!.resolve();
  await test.turn();
  assertEquals(test.log.last, 1);
  answers[0]!.resolve();
  assertEquals(await test.seqs(look, again, text), [2, 3, 4]);
  assertEquals(await test.seqs(room.post({ ...ann, text: "later" })), [5]);
});

Deno.test("where the other nodes do not answer, that message is refused, and not what was said after it", async () => {
  await using test = new AskingRoom();
  const { room, answers } = test;
  const look = room.post({ ...ann, text: "look", files: [FILE.id] });
  const text = room.post({ ...ann, text: "hello?" });
  answers[0]!.reject(unavailable("they are away", 2));
  const { code } = await assertRejects(() => look, Refusal);
  assertEquals(code, "unavailable");
  assertEquals(await test.seqs(text), [1]);
});
