import { assertEquals } from "@std/assert";
import { runtimeProblem } from "../../lib/base/runtime.ts";

Deno.test("a runtime that is too old is named in one line, with the one that is needed", () => {
  for (const version of ["1.46.3", "2.0.6", "2.5.7", "2.8.3", "2.8.0-rc.1"]) {
    assertEquals(
      runtimeProblem(version),
      `this is Deno ${version}, and Deno 2.9 or newer is needed: deno upgrade, ` +
        "or npx -y deno@2.9 task start",
    );
  }
});

Deno.test("the runtime that is needed and all newer ones are taken", () => {
  for (const version of ["2.9.0", "2.9.6", "2.10.0", "3.0.0", Deno.version.deno]) {
    assertEquals(runtimeProblem(version), undefined, version);
  }
});
