import { assertEquals, assertThrows } from "@std/assert";
import { Query } from "../../lib/http/query.ts";
import { Refusal } from "../../lib/model/refusal.ts";

const query = (text: string) => new Query(new URLSearchParams(text));

function refusal(action: () => unknown): string {
  const { code, message } = assertThrows(action, Refusal);
  assertEquals(code, "bad_request");
  return message;
}

Deno.test("what is left out or empty is not there", () => {
  for (const empty of [query(""), query("since=&name=&recent=&limit=&before=&q=")]) {
    assertEquals(empty.cursor(), undefined);
    assertEquals(empty.forgivingCursor(), undefined);
    assertEquals(empty.name(), undefined);
    assertEquals(empty.recent(), undefined);
    assertEquals(empty.seq("before", "k3x"), undefined);
    assertEquals(empty.text("q"), undefined);
    assertEquals(empty.integer("limit", { default: 50, min: 1, max: 200 }), 50);
  }
});

Deno.test("fields are read as what they stand for", () => {
  assertEquals(query("since=k3x-46").cursor(), { epoch: "k3x", seq: 46 });
  assertEquals(query("since=46").forgivingCursor(), { seq: 46 });
  assertEquals(query("name=%20a%CC%8A+b").name(), "å b");
  assertEquals([query("recent=0").recent(), query("recent=500").recent()], [0, 500]);
  assertEquals(query("before=k3x-7").seq("before", "k3x"), 7);
  assertEquals(query("before=7").seq("before", "k3x"), 7);
  assertEquals(query("limit=200").integer("limit", { default: 50, min: 1, max: 200 }), 200);
});

Deno.test("what cannot be read is refused by its name, with what is accepted", () => {
  assertEquals(
    refusal(() => query("since=yesterday").cursor()),
    "since=yesterday: wanted <epoch>-<seq> or <seq>",
  );
  assertEquals(
    refusal(() => query("before=x").seq("before", "k3x")),
    "before=x: wanted <epoch>-<seq> or <seq>",
  );
  assertEquals(
    refusal(() => query("before=other-7").seq("before", "k3x")),
    "before=other-7: wanted a position in the history k3x",
  );
  for (const raw of ["501", "-1", "1.5", "ten", "1e2"]) {
    assertEquals(
      refusal(() => query(`recent=${raw}`).recent()),
      `recent=${raw}: wanted a whole number from 0 to 500`,
    );
  }
  assertEquals(
    refusal(() => query("name=" + "x".repeat(33)).name()),
    "the name has 33 characters; wanted 1 to 32 visible characters",
  );
});

Deno.test("a long value is quoted only in part", () => {
  assertEquals(
    refusal(() => query("since=" + "x".repeat(10_000)).cursor()),
    `since=${"x".repeat(64)}: wanted <epoch>-<seq> or <seq>`,
  );
});

Deno.test("who cannot read a status gets a cursor that means nothing instead of a refusal", () => {
  assertEquals(query("since=yesterday").forgivingCursor(), "unknown");
});
