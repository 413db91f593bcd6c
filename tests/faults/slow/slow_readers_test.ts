import { assert } from "@std/assert";
import { slowReaders } from "./slow_readers.ts";

// With 100 readers and 200 MB: deno task test:slow
Deno.test("readers on six transports who stop reading cost no memory, hold up nobody, and miss nothing", async () => {
  const { grewStalledMb, healthyMs } = await slowReaders({ readers: 12, megabytes: 12 });
  assert(grewStalledMb < 100, `the server grew by ${grewStalledMb} MB`);
  assert(healthyMs.median < 250, `who reads waited ${healthyMs.median} ms`);
});
