import { assertEquals } from "@std/assert";
import { reportUncaught } from "../../lib/cli/serve/uncaught.ts";

/** The events by which the runtime says that nothing caught an error, and then ends the process. */
function uncaught(reason: Error): Event[] {
  const promise = Promise.resolve();
  return [
    new ErrorEvent("error", { error: reason, cancelable: true }),
    new PromiseRejectionEvent("unhandledrejection", { promise, reason, cancelable: true }),
  ];
}

Deno.test("what nothing caught is reported and does not end the process, until disposed", () => {
  const reported: unknown[] = [];
  const mistake = new Error("a mistake");
  {
    using _uncaught = reportUncaught((what, error) => reported.push([what, error]));
    for (const event of uncaught(mistake)) {
      dispatchEvent(event);
      assertEquals(event.defaultPrevented, true, event.type);
    }
  }
  assertEquals(reported, [["unexpected", mistake], ["unexpected", mistake]]);
  for (const event of uncaught(mistake)) {
    dispatchEvent(event);
    assertEquals(event.defaultPrevented, false, event.type);
  }
  assertEquals(reported.length, 2);
});
