import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { type Addresses, FREE_PORTS, ServerProcess } from "../../support/server.ts";
import { postAs, Refused } from "../../transports/clients/client.ts";
import { tcp } from "../../transports/clients/lines.ts";
import { websocket } from "../../transports/clients/websocket.ts";
import { type Disk, limitedDisk, mayMount, smallDisk } from "../support/disks.ts";

const mounts = await mayMount();
/** More than fits into what a full disk has left over. */
const TRIES = 200;

function serve(disk: Disk): ServerProcess {
  const args = ["--data", disk.data, "--rate-limit", "off", "--no-limits", ...FREE_PORTS];
  return new ServerProcess(args, { under: disk.under });
}

for (
  const { name, open, ignore } of [
    { name: "I/O errors (a limit on the size of files)", open: limitedDisk, ignore: false },
    { name: "a full disk (a small tmpfs)", open: smallDisk, ignore: !mounts },
  ]
) {
  Deno.test({
    name: `${name}: posting says so, reading goes on, and it recovers by itself`,
    ignore, // where nobody may mount a disk
    async fn() {
      await using disk = await open();
      let last: number;
      {
        await using server = serve(disk);
        const at = await server.addresses();
        await using ann = await websocket.join(at, { name: "ann" });
        await using bob = await tcp.join(at, { name: "bob" });
        last = (await ann.say("before", "a-1")).seq;

        await disk.fill(server.pid);
        last = await postUntilRefused(at, last);
        const response = await fetch(`${at.url}/api/messages`, { method: "POST", body: "no room" });
        const { error } = await response.json();
        assertEquals([response.status, error.code], [503, "unavailable"]);
        assertEquals(response.headers.get("retry-after"), "5");
        assertEquals(error.message, "messages cannot be stored at the moment, try again in 5 s");

        assertEquals(
          (await assertRejects(() => ann.say("no room", "a-2"), Refused)).code,
          error.code,
        );
        const event = await ann.inbox.until("error");
        assertEquals([event.id, event.retry_after], ["a-2", 5]);
        assertEquals(
          (await assertRejects(() => bob.say("no room"), Refused)).message,
          error.message,
        );

        await using cy = await websocket.join(at, { name: "cy", since: "0" });
        await cy.inbox.untilSeq(last);
        assertEquals(cy.inbox.seqs.length, last);

        await disk.free(server.pid);
        assertEquals(await ann.say("room again", "a-2"), { seq: ++last, duplicate: false });
        await bob.inbox.untilSeq(last);
        assertEquals(await ann.say("before", "a-1"), { seq: 1, duplicate: true });

        server.kill("SIGTERM");
        assertEquals(await server.ended(), 0);
        const reports = server.reports.match(/^\d{4}-\S+ (?:error|warning) server: .*/gm)!;
        assertEquals(reports.length, 2, server.stderr.text);
        assertMatch(reports[0]!, /cannot store messages: .*(full|disk I\/O error)/);
        assertMatch(reports[1]!, /messages are stored again/);
      }
      await using server = serve(disk);
      const { url } = await server.addresses();
      const { events } = await (await fetch(`${url}/api/messages?limit=1`)).json();
      assertEquals(events[0].seq, last);
    },
  });
}

/** What fits in still is stored as ever. Resolves with the newest seq. */
async function postUntilRefused(at: Addresses, last: number): Promise<number> {
  for (let i = 0; i < TRIES; i++) {
    try {
      last = (await postAs(at, undefined, { text: "x".repeat(4000) })).seq;
    } catch (error) {
      assert(error instanceof Refused);
      return last;
    }
  }
  throw new Error("the disk is not full");
}
