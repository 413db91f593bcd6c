import { assertEquals, assertMatch, assertNotEquals, assertRejects } from "@std/assert";
import { StartupError } from "../../lib/base/startup_error.ts";
import { deriveSessionKey, readSessionKey } from "../../lib/log/session_key.ts";

function tempKey() {
  const dir = Deno.makeTempDirSync();
  return {
    path: `${dir}/session.key`,
    [Symbol.dispose]: () => Deno.removeSync(dir, { recursive: true }),
  };
}

Deno.test("the session key is made once, for its owner alone, and is the same ever after", async () => {
  using temp = tempKey();
  const made = await readSessionKey(temp.path);
  assertEquals([made.bytes.length, made.isNew], [32, true]);
  assertEquals((await Deno.stat(temp.path)).mode! & 0o777, 0o600);
  assertEquals(await readSessionKey(temp.path), { bytes: made.bytes, isNew: false });
  await Deno.remove(temp.path);
  assertNotEquals((await readSessionKey(temp.path)).bytes, made.bytes);
});

Deno.test("a session key that others could read is its owner's again", async () => {
  using temp = tempKey();
  await readSessionKey(temp.path);
  await Deno.chmod(temp.path, 0o644);
  await readSessionKey(temp.path);
  assertEquals((await Deno.stat(temp.path)).mode! & 0o777, 0o600);
});

Deno.test("a file that is no session key stops the start, and is left as it was", async () => {
  using temp = tempKey();
  await Deno.writeFile(temp.path, new Uint8Array(7));
  const { message } = await assertRejects(() => readSessionKey(temp.path), StartupError);
  assertEquals(
    message,
    `${temp.path} is not a session key; remove it, and everybody gets a new session`,
  );
  assertEquals((await Deno.readFile(temp.path)).length, 7);
});

Deno.test("a session key that cannot be read stops the start with one line", async () => {
  using temp = tempKey();
  await Deno.mkdir(temp.path);
  const { message } = await assertRejects(() => readSessionKey(temp.path), StartupError);
  assertMatch(message, /^cannot read .*session\.key: [^\n]+; make it readable, or [^\n]+$/);
});

Deno.test("a session key that cannot be made stops the start with one line", async () => {
  const path = "/nowhere/at/all/session.key";
  const { message } = await assertRejects(() => readSessionKey(path), StartupError);
  assertMatch(message, /^cannot write \/nowhere\/at\/all\/session\.key: [^\n]+directory$/);
});

Deno.test("a secret is the same key everywhere, and another secret another", async () => {
  const key = await deriveSessionKey("correct horse battery staple, twice");
  assertEquals(key.length, 32);
  assertEquals(await deriveSessionKey("correct horse battery staple, twice"), key);
  assertNotEquals(await deriveSessionKey("correct horse battery staple, twicE"), key);
});
