import { assert, assertEquals, assertRejects } from "@std/assert";
import { gunzipSync } from "node:zlib";
import { ALL_FEATURES } from "../../lib/model/features.ts";
import type { RenderJob } from "../../lib/page/jobs.ts";
import { PageWorker } from "../../lib/page/worker.ts";

const SCREEN = {
  room: "lobby",
  topic: "",
  epoch: "k",
  first: 1,
  last: 0,
  entries: [],
  limits: { text: 4000, name: 32 },
  features: ALL_FEATURES,
};

function render(template: string): RenderJob {
  const options = { base: "/_/v/", language: "en", now: 0 } as const;
  return { type: "render", template, screen: SCREEN, options };
}

function text(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

Deno.test("jobs are done in a thread, several at once, and the bytes that went in are still there", async () => {
  using worker = new PageWorker();
  const bytes = new TextEncoder().encode("some text");
  const [page, zipped] = await Promise.all([
    worker.do(render("{{room}}: {{send}}")),
    worker.compressFile(bytes, "gzip"),
  ]);
  assertEquals(text(page), "lobby: Send");
  assertEquals(text(gunzipSync(zipped)), "some text");
  assertEquals(text(bytes), "some text");
});

Deno.test("a job that fails fails alone", async () => {
  using worker = new PageWorker();
  const failing = worker.do(render("{{nonsense}}"));
  const next = worker.do(render("{{room}}"));
  await assertRejects(() => failing, TypeError, "nonsense");
  assertEquals(text(await next), "lobby");
});

Deno.test("a thread that ends takes its jobs with it, and the next job has another", async () => {
  // It dies of a job that is a page, and answers any other with nothing.
  const script = `
    onmessage = ({ data: { number, question } }) => {
      if (question.type === "render") setTimeout(() => { throw new Error("out of memory") });
      else postMessage({ number, answer: new Uint8Array() });
    };`;
  using worker = new PageWorker(`data:text/javascript,${encodeURIComponent(script)}`);
  await assertRejects(() => worker.do(render("")), Error, "out of memory");
  assertEquals((await worker.compressFile(new Uint8Array(1), "gzip")).length, 0);
});

Deno.test("disposing ends the jobs that wait, and refuses those that come after", async () => {
  const worker = new PageWorker();
  const waiting = worker.do(render("{{room}}"));
  worker[Symbol.dispose]();
  await assertRejects(() => waiting, Error, "disposed");
  await assertRejects(() => worker.do(render("{{room}}")), Error, "disposed");
});

Deno.test("a large job does not hold up the event loop", async () => {
  using worker = new PageWorker();
  await worker.do(render(""));
  const bytes = new Uint8Array(4_000_000).map((_, i) => i * i % 251);
  let turns = 0;
  let done = false;
  const job = worker.compressFile(bytes, "br").finally(() => done = true);
  const started = performance.now();
  await new Promise((resolve) => setTimeout(resolve));
  const first = performance.now() - started;
  while (!done) {
    turns++;
    await new Promise((resolve) => setTimeout(resolve));
  }
  await job;
  assert(turns > 10, `${turns} turns of the event loop, the first after ${first} ms`);
});
