import { assert, assertEquals, assertMatch } from "@std/assert";
import { type LogOptions, LogWriter } from "../../../lib/cli/serve/operations/log_writer.ts";

/** What is written of what is said. */
function written(say: (log: LogWriter) => void, options: Partial<LogOptions> = {}): string {
  const writes: string[] = [];
  {
    using log = new LogWriter({
      format: "text",
      level: "info",
      isTerminal: false,
      write: (lines) => void writes.push(lines),
      ...options,
    });
    say(log);
  }
  return writes.join("");
}

/** All that could end a line, move a cursor or turn what follows. */
const EVIL =
  'ann\r\n2026-01-01T00:00:00Z error server: on fire\u001b[2J\u0085\u2028\u202e{name}"\\';

Deno.test("a record is a line with its time, level and category", () => {
  const text = written((log) => {
    log.log("info", "people", "ann came in", { name: "ann" });
    log.log("debug", "people", "not of interest");
    log.report("the clock was set");
  });
  assertMatch(
    text,
    /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z info people: ann came in\n\S+Z warning server: the clock was set\n$/,
  );
});

Deno.test("as JSON it is an object in a line, with what a program may want to read", () => {
  const text = written((log) => log.log("warning", "limits", "too much", { kind: "frames" }), {
    format: "json",
  });
  const { "@timestamp": at, ...rest } = JSON.parse(text);
  assert(Math.abs(Date.parse(at) - Date.now()) < 60_000);
  assertEquals(rest, { level: "WARN", logger: "limits", message: "too much", kind: "frames" });
});

Deno.test("colours are for terminals, where nobody wants otherwise", () => {
  const say = (log: LogWriter) => log.log("info", "people", "hello");
  const colours = (options: Partial<LogOptions>) => written(say, options).includes("\x1b[");
  assertEquals(colours({ format: "auto", isTerminal: true }), true);
  assertEquals(colours({ format: "auto", isTerminal: false }), false);
  assertEquals(colours({ format: "text", isTerminal: true }), false);
});

// deno-lint-ignore no-control-regex
const CONTROLS = /[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e]/g;

Deno.test("what others wrote forges no line, and is no template", () => {
  const say = (log: LogWriter) => {
    log.log("info", "people", `${EVIL} came in`, { name: EVIL });
    log.report("cannot answer", new Error(EVIL));
    log.report(EVIL);
  };
  for (const format of ["text", "auto", "json"] as const) {
    const text = written(say, { format });
    assertEquals(
      text.match(CONTROLS),
      null,
      format,
    );
    // Under an error, lines may begin with spaces, and these tell where it was thrown.
    const lines = text.split("\n").filter((line) => line !== "" && !/^ {4}at /.test(line));
    assertEquals(lines.length, 3, format);
    assert(lines[0]!.includes("{name}"), format);
    if (format === "json") {
      assertEquals(lines.map((line) => JSON.parse(line).message.includes(EVIL)), [
        true,
        true,
        true,
      ]);
    }
  }
});

Deno.test("an error is told with its kind, its causes and where it was thrown, at once", () => {
  const writes: string[] = [];
  using log = new LogWriter({
    format: "text",
    level: "error",
    isTerminal: false,
    write: (lines) => void writes.push(lines),
  });
  log.report(
    "cannot store messages",
    new TypeError("odd", { cause: new Error("the disk is full") }),
  );
  log.report("not said");
  const [line, frame] = writes.join("").split("\n");
  assertMatch(
    line!,
    /error server: cannot store messages: TypeError: odd \(because: Error: the disk is full\)$/,
  );
  assertMatch(frame!, /^ {4}at .*log_writer_test\.ts:\d+:\d+/);
  log.report("thrown", "no error");
  assertMatch(writes.at(-1)!, /error server: thrown: no error\n$/);
});

Deno.test("hundreds of lines at once are one write", () => {
  const writes: string[] = [];
  {
    using log = new LogWriter({
      format: "text",
      level: "info",
      isTerminal: false,
      write: (lines) => void writes.push(lines),
    });
    for (let i = 0; i < 500; i++) log.log("info", "people", `${i} came in`);
    assertEquals(writes, []);
  }
  assertEquals(writes.map((lines) => lines.split("\n").length), [501]);
});
