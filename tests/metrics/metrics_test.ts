// What /metrics says after this and that has happened in a room.

import { assert, assertEquals, assertMatch } from "@std/assert";
import { NO_LIMITS } from "../../lib/limits/mod.ts";
import { type TestOptions, TestServer } from "../support/server.ts";
import { TRANSPORTS } from "../transports/clients/all.ts";
import { postAs } from "../transports/clients/client.ts";
import { openSocket } from "../transports/clients/socket.ts";
import { websocket } from "../transports/clients/websocket.ts";
import { figuresIn } from "./scrape.ts";

function open(options: TestOptions = {}): Promise<TestServer> {
  return TestServer.open({ operations: { metrics: [] }, ...options });
}

async function scrape(server: TestServer): Promise<(name: string) => number> {
  const response = await fetch(`${server.url}/metrics`);
  assertEquals(response.status, 200);
  const figures = figuresIn(await response.text());
  return (name) => {
    const value = figures.get(name);
    assert(value !== undefined, `${name} is not there`);
    return value;
  };
}

Deno.test("connections are counted by transport while they are open, and messages by delivery", async () => {
  await using server = await open();
  {
    await using owned = new AsyncDisposableStack();
    const clients = [];
    for (const transport of TRANSPORTS) clients.push(owned.use(await transport.join(server)));
    for (const text of ["one", "two", "three"]) await clients[0]!.say(text);
    await Promise.all(clients.map(({ inbox }) => inbox.untilSeq(3)));
    const figure = await scrape(server);
    for (const transport of ["websocket", "ws_text", "sse", "stream", "tcp"]) {
      assertEquals(figure(`partyline_connections{transport="${transport}"}`) >= 1, true, transport);
    }
    assertEquals(figure("partyline_messages_total"), 3);
    assertEquals(figure('partyline_entries_total{type="message"}'), 3);
    assertEquals(figure('partyline_entries_total{type="edit"}'), 0);
    // A poll may have been given them one by one, or all at once; but never twice.
    assertEquals(figure("partyline_deliveries_total"), 3 * TRANSPORTS.length);
    assertEquals(figure("partyline_history_messages"), 3);
    assertEquals(figure('partyline_cursor_lag_messages{quantile="1"}'), 0);
    assertEquals(figure("partyline_people") > 0, true);
    assertEquals(figure("partyline_batch_messages_sum"), 3);
    assertEquals(figure("partyline_commit_seconds_count"), 3);
    assertEquals(figure("partyline_fsync_seconds_count"), 3);
    assertEquals(figure('partyline_fsync_seconds_bucket{le="+Inf"}'), 3);
    assert(figure("partyline_fanout_seconds_count") >= 3);
  }
  while (server.running.limits.open > 0) await new Promise((resolve) => setTimeout(resolve, 5));
  const figure = await scrape(server);
  for (const transport of ["websocket", "ws_text", "sse", "stream", "poll", "tcp", "echo"]) {
    assertEquals(figure(`partyline_connections{transport="${transport}"}`), 0, transport);
  }
  assertEquals(figure("partyline_deliveries_total"), 3 * TRANSPORTS.length);
});

Deno.test("what a reader is given when it comes back counts, what it skipped does not", async () => {
  await using server = await open();
  for (let i = 0; i < 10; i++) await postAs(server, undefined, { text: `${i}` });
  const epoch = server.running.room.log.epoch;
  const delivered = async (since: string, entries: number, start: string) => {
    const before = await scrape(server);
    {
      await using client = await websocket.join(server, { since });
      await client.inbox.until("live");
      assertEquals(client.inbox.messages.length, entries);
    }
    const after = await scrape(server);
    const visits = `partyline_visits_total{start="${start}"}`;
    const grown = (name: string) => after(name) - before(name);
    assertEquals([grown("partyline_deliveries_total"), grown(visits)], [entries, 1], since);
  };
  await delivered(`${epoch}-4`, 6, "resumed");
  await delivered(`${epoch}-99`, 10, "future");
  await delivered("kother-4", 10, "epoch");
});

Deno.test("what is refused, limited and cut is counted by its kind", async () => {
  const few = { perSecond: 0.001, burst: 10 };
  await using server = await open({
    limits: { ...NO_LIMITS, frames: few },
    rate: few,
    report: () => {}, // what an operator can do about the refusal
  });
  const refused = await fetch(`${server.url}/api/messages`, {
    method: "POST",
    headers: { origin: "https://elsewhere.example" },
    body: "hi",
  });
  assertEquals(refused.status, 403);
  await refused.body?.cancel();
  for (let i = 0; i < 12; i++) {
    const response = await fetch(`${server.url}/api/messages`, { method: "POST", body: "hi" });
    await response.body?.cancel();
  }
  const { socket, ended } = await openSocket(server, "/ws");
  for (let i = 0; i < 12; i++) socket.send('{"type":"typing"}');
  assertEquals((await ended).code, 4029);
  await using again = await websocket.join(server);
  const { seq, duplicate } = await again.say("once", "the-id");
  assertEquals(await again.say("once", "the-id"), { seq, duplicate: true });
  assertEquals(duplicate, false);

  const figure = await scrape(server);
  assertEquals(figure('partyline_refusals_total{code="forbidden"}'), 1);
  assertEquals(figure('partyline_limited_total{kind="messages"}'), 2);
  assertEquals(figure('partyline_refusals_total{code="rate_limited"}') >= 2, true);
  assertEquals(figure('partyline_limited_total{kind="frames"}'), 1);
  assertEquals(figure('partyline_cuts_total{reason="flooding"}'), 1);
  assertEquals(figure("partyline_duplicates_total"), 1);
  assertEquals(figure("partyline_errors_total"), 0);
  assert(figure("partyline_requests_total") >= 15);
});

Deno.test("the process is measured, and the event loop", async () => {
  await using server = await open();
  const figure = await scrape(server);
  assert(figure("process_cpu_seconds_total") > 0);
  assert(figure("process_resident_memory_bytes") > 1e7);
  assert(Math.abs(figure("process_start_time_seconds") - Date.now() / 1000) < 3600);
  assert(figure('partyline_event_loop_delay_seconds_bucket{le="+Inf"}') >= 0);
  const response = await fetch(`${server.url}/metrics`);
  assertMatch(response.headers.get("content-type")!, /^text\/plain; version=0\.0\.4/);
  // Of each metric a reader is told what it is.
  const text = await response.text();
  for (const [, name] of text.matchAll(/^# TYPE (\S+)/gm)) {
    assertMatch(text, new RegExp(`^# HELP ${name} .{5,}$`, "m"));
  }
});

Deno.test("without --metrics there is no such page", async () => {
  await using server = await TestServer.open();
  const response = await fetch(`${server.url}/metrics`);
  assertEquals(response.status, 404);
  await response.body?.cancel();
});
