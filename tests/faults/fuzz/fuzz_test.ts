// Every day another seed: what one run does not come upon, another does. The line that a failure ends
// with has it again.

import { assert, assertEquals } from "@std/assert";
import { campaign } from "./campaign.ts";

const SECONDS = 45;

/** Each is behind a first check, and some are behind several: the input is not only refused. */
const REACHED = [
  "/ws 101",
  "/ws/text 101",
  "/echo 101",
  "echoed",
  "GET / 200",
  "GET /events 200",
  "GET /stream 200",
  "GET /poll 200",
  "GET /api/messages 200",
  "GET /api/search 200",
  "GET /api/presence 200",
  "CHANGE /api/messages/* 200",
  "GET /ping 200",
  "GET /livez 200",
  "GET /readyz 200",
  "POST /api/messages 201",
  "POST /api/session 200",
  ...[200, 201, 400, 401, 403, 404, 405, 421].map((status) => `status ${status}`),
  "code bad_request",
  "code forbidden",
  "code not_found",
  "code too_long",
  "code unauthorized",
  "event ack",
  "event error",
  "event info",
  "event live",
  "event message",
  "event reaction",
  "event presence",
  "event rename",
  "event reset",
  "event typing",
  "event welcome",
  "line !",
  "line *",
  "line [",
];

Deno.test("hostile input at every door harms nobody, and leaves nothing behind", async () => {
  const seed = Math.floor(Date.now() / 86_400_000);
  console.log(`seed ${seed}`);
  const { reached, failure, cases } = await campaign({ seed, seconds: SECONDS });
  assertEquals(failure, undefined, failure);
  assert(cases > 300, `only ${cases} connections`);
  const missed = REACHED.filter((what) => !reached.has(what));
  assertEquals(missed, [], "what no case came to");
});
