import { assertEquals, assertRejects } from "@std/assert";
import { Latest } from "../../lib/page/latest.ts";

/** A value made of a key that a test changes, by a making that a test ends. */
class Maker {
  key = "1";
  readonly makings: PromiseWithResolvers<string>[] = [];
  readonly latest = new Latest(() => this.key, () => {
    const made = this.key;
    const making = Promise.withResolvers<string>();
    this.makings.push(making);
    return making.promise.then((value) => `${value} of ${made}`);
  });

  /** Ends the newest making, and lets those who waited for it go on. */
  async finish(): Promise<void> {
    this.makings.at(-1)!.resolve("made");
    await settle();
  }
}

async function settle(): Promise<void> {
  for (let i = 0; i < 20; i++) await Promise.resolve();
}

Deno.test("many who ask at once share one making, and it is kept", async () => {
  const maker = new Maker();
  const asked = [maker.latest.get(), maker.latest.get(), maker.latest.get()];
  await maker.finish();
  assertEquals(await Promise.all(asked), Array(3).fill("made of 1"));
  assertEquals(await maker.latest.get(), "made of 1");
  assertEquals(maker.makings.length, 1);
});

Deno.test("what has changed is made anew", async () => {
  const maker = new Maker();
  const first = maker.latest.get();
  await maker.finish();
  maker.key = "2";
  const second = maker.latest.get();
  await maker.finish();
  assertEquals([await first, await second], ["made of 1", "made of 2"]);
});

Deno.test("however often it changes, one making is under way, and nobody gets what was before they asked", async () => {
  const maker = new Maker();
  const asked = [maker.latest.get()];
  for (maker.key of ["2", "3", "4"]) asked.push(maker.latest.get());
  await settle();
  assertEquals(maker.makings.length, 1);
  await maker.finish();
  assertEquals(maker.makings.length, 2);
  await maker.finish();
  assertEquals(await Promise.all(asked), ["made of 1", ...Array(3).fill("made of 4")]);
});

Deno.test("a making that fails is told to those who waited for it, and tried again for the next", async () => {
  const maker = new Maker();
  const failed = [maker.latest.get(), maker.latest.get()];
  maker.key = "2";
  const later = maker.latest.get();
  maker.makings[0]!.reject(new Error("no disk"));
  for (const asked of failed) await assertRejects(() => asked, Error, "no disk");
  await settle();
  await maker.finish();
  assertEquals(await later, "made of 2");
  assertEquals(maker.makings.length, 2);
});
