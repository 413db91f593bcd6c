import { assertEquals, assertRejects } from "@std/assert";
import { Refusal } from "../../../lib/model/refusal.ts";
import { contents, inPieces, openStore } from "../../files/uploads.ts";
import { mayMount, smallDisk } from "../support/disks.ts";

Deno.test({
  name: "a full disk refuses uploads by 507, keeps nothing of them, and recovers by itself",
  ignore: !await mayMount(), // where nobody may mount a disk
  async fn() {
    await using disk = await smallDisk("size=2m");
    const folder = `${disk.data}/files`;
    const reports: string[] = [];
    await using store = openStore(folder, { report: (what) => reports.push(what) });
    const upload = (fill: number, size: number) =>
      store.receive(inPieces(new Uint8Array(size).fill(fill)), { session: "ann", name: "a" });
    const kept = await upload(1, 300_000);
    for (const size of [3_000_000, 2_000_000]) {
      const { code, httpStatus } = await assertRejects(() => upload(2, size), Refusal);
      assertEquals([code, httpStatus, contents(folder)], ["unavailable", 507, [kept.id]]);
    }
    // So full that not even the table can have a row more.
    await disk.fill(Deno.pid);
    const none = await assertRejects(() => upload(3, 10), Refusal);
    assertEquals([none.httpStatus, contents(folder)], [507, [kept.id]]);
    assertEquals([store.count, store.bytes], [1, 300_000]);
    assertEquals(reports, ["the disk has no space left for files"]);
    await disk.free(Deno.pid);
    const next = await upload(3, 300_000);
    assertEquals(contents(folder), [kept.id, next.id].toSorted());
  },
});
