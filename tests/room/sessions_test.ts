import { assertEquals, assertMatch } from "@std/assert";
import fc from "fast-check";
import { Sessions } from "../../lib/room/sessions.ts";

function newKey(): Uint8Array<ArrayBuffer> {
  return crypto.getRandomValues(new Uint8Array(32));
}

const base64url = { alphabet: "base64url", omitPadding: true } as const;

Deno.test("a token stands for the session it was issued for", async () => {
  const sessions = await Sessions.open(newKey());
  for (const name of ["ann", "Åsa 漢 👋", undefined]) {
    const session = sessions.create(name);
    assertEquals(await sessions.verify(await sessions.issue(session)), session);
  }
});

Deno.test("no two sessions are the same", async () => {
  const sessions = await Sessions.open(newKey());
  const ids = new Set(Array.from({ length: 1000 }, () => sessions.create().id));
  assertEquals(ids.size, 1000);
  for (const id of ids) assertMatch(id, /^[\w-]{20}$/);
});

Deno.test("a token is good for whoever has the key", async () => {
  const key = newKey();
  const sessions = await Sessions.open(key);
  const session = sessions.create("ann");
  const token = await sessions.issue(session);
  assertEquals(await (await Sessions.open(key)).verify(token), session);
});

Deno.test("a token that was changed in any place is nobody's", async () => {
  const sessions = await Sessions.open(newKey());
  const token = await sessions.issue(sessions.create("ann"));
  const [payload, mac] = token.split(".").map((part) => Uint8Array.fromBase64(part, base64url));
  for (const part of [payload!, mac!]) {
    for (let i = 0; i < part.length; i++) {
      part[i]! ^= 1;
      const forged = [payload!, mac!].map((bytes) => bytes.toBase64(base64url)).join(".");
      assertEquals(await sessions.verify(forged), undefined);
      part[i]! ^= 1;
    }
  }
  const forged = new TextEncoder().encode('["admin","admin"]').toBase64(base64url);
  for (const text of ["", ".", "..", payload, `${forged}.`, `${forged}.${token.split(".")[1]}`]) {
    assertEquals(await sessions.verify(String(text)), undefined);
  }
  assertEquals(
    await (await Sessions.open(newKey())).verify(token),
    undefined,
    "another server's key",
  );
});

Deno.test("whatever a client sends as a token, it is answered", async () => {
  const sessions = await Sessions.open(newKey());
  const text = fc.oneof(fc.string(), fc.base64String(), fc.stringMatching(/^[\w-]*\.[\w-]*$/));
  await fc.assert(fc.asyncProperty(text, async (text) => {
    assertEquals(await sessions.verify(text), undefined);
  }));
});
