import { assertEquals, assertThrows } from "@std/assert";
import { openDataDir } from "../../lib/log/data_dir.ts";
import { StartupError } from "../../lib/base/startup_error.ts";

function tempDir() {
  const path = Deno.makeTempDirSync();
  return { path, [Symbol.dispose]: () => Deno.removeSync(path, { recursive: true }) };
}

Deno.test("a folder is made where there is none, for its owner alone", () => {
  using temp = tempDir();
  const path = `${temp.path}/a/b`;
  using dir = openDataDir(path);
  assertEquals(
    [dir.log, dir.key, dir.mark],
    [`${path}/partyline.db`, `${path}/session.key`, `${path}/last-seen`],
  );
  assertEquals(Deno.statSync(path).mode! & 0o777, 0o700);
});

Deno.test("a second server on the same folder is refused, until the first is gone", () => {
  using temp = tempDir();
  {
    using _first = openDataDir(temp.path);
    const { message } = assertThrows(() => openDataDir(temp.path), StartupError);
    assertEquals(
      message,
      `another Partyline is using ${temp.path}; stop it, or use another --data directory`,
    );
    assertThrows(() => openDataDir(temp.path), StartupError); // being refused took nothing away
  }
  using _next = openDataDir(temp.path);
});

Deno.test("a second server is refused, whatever is deleted in the folder meanwhile", () => {
  using temp = tempDir();
  using _first = openDataDir(temp.path);
  for (const { name } of Deno.readDirSync(temp.path)) Deno.removeSync(`${temp.path}/${name}`);
  assertThrows(() => openDataDir(temp.path), StartupError, "another Partyline is using");
});

Deno.test("a folder whose history was emptied beside a session key is refused, and left as it is", () => {
  using temp = tempDir();
  const [log, key] = [`${temp.path}/partyline.db`, `${temp.path}/session.key`];
  Deno.writeTextFileSync(log, "");
  openDataDir(temp.path)[Symbol.dispose](); // a first start that the power cut short
  Deno.writeTextFileSync(key, "a key");
  const { message } = assertThrows(() => openDataDir(temp.path), StartupError);
  assertEquals(
    message,
    `${log} has 0 bytes, but a server has used this folder: its history is lost; ` +
      "restore it from a backup, or remove the file to begin with an empty history",
  );
  assertEquals(Deno.readTextFileSync(log), "");
  Deno.removeSync(log);
  openDataDir(temp.path)[Symbol.dispose]();
});

Deno.test("a folder of the system is refused without the advice to allow everything", () => {
  const { message } = assertThrows(() => openDataDir("/proc/x"), StartupError);
  assertEquals(message.includes("allow"), false, message);
});

Deno.test("where no folder can be made, the reason and the way out are said", () => {
  using temp = tempDir();
  const path = `${temp.path}/file`;
  Deno.writeTextFileSync(path, "");
  for (const data of [path, `${path}/below`]) {
    const { message } = assertThrows(() => openDataDir(data), StartupError);
    assertEquals(message.startsWith(`cannot write to ${data}: `), true, message);
    assertEquals(message.endsWith("; make it writable, or use another --data directory"), true);
    assertEquals(message.includes("\n"), false);
  }
});
