import { assertEquals, assertRejects } from "@std/assert";
import { StartupError } from "../../../lib/base/startup_error.ts";
import { systemLoop } from "../../../lib/base/event_loop.ts";
import { importIntoStream } from "../../../lib/log/jetstream/import.ts";
import { exportLines } from "../../../lib/log/sqlite_export.ts";
import { importLines } from "../../../lib/log/sqlite_import.ts";
import { SqliteLog } from "../../../lib/log/sqlite_log.ts";
import { natsHere, NatsServer, natsTest } from "../../support/nats.ts";
import { edit, react, remove, say } from "../changes_contract.ts";
import { all, topicDraft } from "../log_contract.ts";
import { createFile } from "../sqlite_stores.ts";
import { createStream } from "./stores.ts";

const server = natsHere().found ? await NatsServer.start() : undefined;

Deno.test.afterAll(async () => await server?.[Symbol.asyncDispose]());

natsTest(
  "a history goes from SQLite to the stream and back, with all that has become of it",
  async () => {
    await using from = await createFile();
    const drafts = [
      topicDraft("tea"),
      say("one", { id: "1" }),
      say("two", { id: "2" }),
      say("three", { id: "3", re: 2 }),
      edit(3, "TWO", { id: "e" }),
      react(3, "👍"),
      say("four", { files: [{ id: "f1", name: "a.png", type: "image/png", size: 3 }] }),
      remove(4),
      edit(2, "ONE"),
    ];
    let entries, topic;
    {
      await using log = new SqliteLog(from.path, systemLoop);
      await log.append(drafts);
      await log.trim(3, 10);
      entries = await all(log);
      topic = log.topic;
    }
    const lines = [...exportLines(from.path)];
    await using store = createStream(() => server!.connect());
    await importLines(store.path(0), ReadableStream.from(lines));
    const options = { stream: store.stream, replicas: 1, path: store.path(0), loop: systemLoop };
    await using nats = await server!.connect();
    await importIntoStream(nats, options);
    await assertRejects(() => importIntoStream(nats, options), StartupError, "has messages");
    for (const node of [0, 1]) {
      await using log = await store.open(node);
      assertEquals(await all(log), entries);
      assertEquals([log.first, log.topic], [3, topic]);
      const again = await log.append([drafts[1]!, drafts[2]!, drafts[3]!, drafts[4]!]);
      assertEquals(again, [2, 3, 4, 5].map((seq) => ({ seq, duplicate: true })));
      assertEquals(await log.append([react(3, "👍")]), [{ seq: 6, duplicate: true }]);
      const there = [...exportLines(store.path(node))];
      assertEquals(there.slice(1).toSorted(), lines.slice(1).toSorted());
    }
    assertEquals(store.reports, []);
  },
);
