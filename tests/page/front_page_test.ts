import { assertEquals, assertMatch, assertNotEquals, assertRejects } from "@std/assert";
import { FrontPage } from "../../lib/page/front_page.ts";
import type { Job } from "../../lib/page/jobs.ts";
import { PageWorker } from "../../lib/page/worker.ts";
import { message } from "../support/fakes.ts";
import { load, request } from "./folder.ts";

const DAY_MS = 86_400_000;

/** A page of the least template, whose jobs are counted. */
class Fixture implements Disposable {
  position = 1;
  now = 0;
  failure: Error | undefined;
  readonly jobs: string[] = [];
  readonly #worker = new PageWorker();

  async open(): Promise<FrontPage> {
    const assets = await load({ "index.html": '<html lang="{{lang}}">{{rows}}{{screen}}' });
    const perform = this.#worker.do.bind(this.#worker);
    this.#worker.do = (job: Job) => {
      this.jobs.push(job.type);
      return perform(job);
    };
    return new FrontPage({
      assets,
      worker: this.#worker,
      now: () => this.now,
      source: {
        position: () => String(this.position),
        // deno-lint-ignore require-await -- async, so that what it throws is a rejection
        read: async (features) => {
          if (this.failure) throw this.failure;
          const limits = { text: 4000, name: 32 };
          const entries = [message(this.position, { at: 0 })];
          const last = this.position;
          return {
            room: "lobby",
            topic: "",
            epoch: "k",
            first: 1,
            last,
            entries,
            limits,
            features,
          };
        },
      },
    });
  }

  [Symbol.dispose](): void {
    this.#worker[Symbol.dispose]();
  }
}

Deno.test("many requests at once share one making and one compressing, and later ones take no more", async () => {
  using fixture = new Fixture();
  const page = await fixture.open();
  const headers = { "accept-encoding": "br" };
  const responses = await Promise.all(
    Array.from({ length: 20 }, () => page.respond(request("/", headers))),
  );
  responses.push(await page.respond(request("/", headers)));
  assertEquals(new Set(responses.map(({ headers }) => headers.get("etag"))).size, 1);
  assertEquals(responses.map(({ status }) => status), Array(21).fill(200));
  assertEquals(fixture.jobs, ["render", "compress"]);
});

Deno.test("the page is another for another position, language and day, and only then", async () => {
  using fixture = new Fixture();
  const page = await fixture.open();
  const get = async (languages = "en") => {
    const response = await page.respond(request("/", { "accept-language": languages }));
    assertEquals(response.headers.get("vary"), "accept-encoding, accept-language");
    assertEquals(response.headers.get("cache-control"), "no-cache");
    return await response.text();
  };
  const first = await get();
  assertMatch(first, /^<html lang="en">.*Today.*text 1/);
  fixture.now += DAY_MS - 1;
  assertEquals(await get("fr, en;q=0.1"), first);
  assertEquals(fixture.jobs, ["render"]);
  fixture.now += 1;
  assertMatch(await get(), /Yesterday/);
  fixture.position = 2;
  assertMatch(await get(), /text 2/);
  assertMatch(await get("ko"), /lang="ko"/);
  await get();
  assertEquals(fixture.jobs, Array(4).fill("render"));
});

Deno.test("a page that has not changed is 304, also in another process", async () => {
  using fixture = new Fixture();
  const page = await fixture.open();
  const etag = (await page.respond(request("/"))).headers.get("etag")!;
  using other = new Fixture();
  const known = request("/", { "if-none-match": etag });
  assertEquals((await (await other.open()).respond(known)).status, 304);
  fixture.position = 2;
  const changed = await page.respond(request("/", { "if-none-match": etag }));
  assertEquals(changed.status, 200);
  assertNotEquals(changed.headers.get("etag"), etag);
});

Deno.test("a log that cannot be read is an error, and not for ever", async () => {
  using fixture = new Fixture();
  const page = await fixture.open();
  fixture.failure = new Error("no disk");
  await assertRejects(() => page.respond(request("/")), Error, "no disk");
  fixture.failure = undefined;
  assertEquals((await page.respond(request("/"))).status, 200);
});
