import { assertEquals } from "@std/assert";
import { parseRange } from "../../../lib/http/files/range.ts";

Deno.test("a range is the bytes it names, as far as there are any", () => {
  const cases: [string | null, ReturnType<typeof parseRange>][] = [
    ["bytes=0-0", { start: 0, end: 1 }],
    ["bytes=0-99", { start: 0, end: 100 }],
    ["bytes=10-19", { start: 10, end: 20 }],
    ["bytes=90-", { start: 90, end: 100 }],
    ["bytes=90-1000", { start: 90, end: 100 }],
    ["bytes=-10", { start: 90, end: 100 }],
    ["bytes=-1000", { start: 0, end: 100 }],
    ["Bytes = 1 - 2", { start: 1, end: 3 }],
    ["bytes=0-99999999999999999999999999", { start: 0, end: 100 }],
    ["bytes=100-", "unsatisfiable"],
    ["bytes=100-200", "unsatisfiable"],
    ["bytes=99999999999999999999999999-", "unsatisfiable"],
    ["bytes=-0", "unsatisfiable"],
    // What cannot be read, or is asked for in several parts, is answered by the whole.
    [null, undefined],
    ["", undefined],
    ["bytes=", undefined],
    ["bytes=-", undefined],
    ["bytes=5-1", undefined],
    ["bytes=a-b", undefined],
    ["bytes=1e3-", undefined],
    ["bytes=0x1-2", undefined],
    ["bytes=0-1,5-6", undefined],
    ["lines=1-2", undefined],
  ];
  for (const [header, range] of cases) assertEquals(parseRange(header, 100), range, `${header}`);
});
