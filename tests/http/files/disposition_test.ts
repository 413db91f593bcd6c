import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { disposition } from "../../../lib/http/files/disposition.ts";

Deno.test("a name is told in UTF-8, and as well as may be to those who do not know that", () => {
  assertEquals(
    disposition("inline", "photo.png"),
    `inline; filename="photo.png"; filename*=UTF-8''photo.png`,
  );
  assertEquals(
    disposition("attachment", `größe "€" 100%'s.txt`),
    `attachment; filename="gr__e ___ 100_'s.txt"; ` +
      "filename*=UTF-8''gr%C3%B6%C3%9Fe%20%22%E2%82%AC%22%20100%25%27s.txt",
  );
});

Deno.test("whatever a name is, it stays one parameter of a header", () => {
  fc.assert(fc.property(fc.string({ unit: "binary" }), (name) => {
    const header = disposition("attachment", name);
    assert(
      /^attachment; filename="[^"\\%\r\n]*"; filename\*=UTF-8''[\w.!#$&+^`|~%-]*$/.test(header),
    );
    new Headers({ "content-disposition": header });
    assertEquals(decodeURIComponent(header.split("''").at(-1)!), name.toWellFormed());
  }));
});
