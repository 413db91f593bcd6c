import { assertEquals, assertMatch, assertNotEquals, assertRejects } from "@std/assert";
import fc from "fast-check";
import { Refusal } from "../../lib/model/refusal.ts";
import { EARLIER_SIGN_IN, type Session, Sessions } from "../../lib/room/sessions.ts";
import { ManualClock } from "../support/manual_clock.ts";

const DAY_MS = 24 * 60 * 60 * 1000;

function newKey(): Uint8Array<ArrayBuffer> {
  return crypto.getRandomValues(new Uint8Array(32));
}

const base64url = { alphabet: "base64url", omitPadding: true } as const;

Deno.test("a token stands for the session it was issued for", async () => {
  const sessions = await Sessions.open(newKey());
  for (const name of ["ann", "Åsa 漢 👋", undefined]) {
    for (const proof of [{}, { proof: "x7" }]) {
      const session = { ...sessions.create(name), ...proof };
      assertEquals(await sessions.verify(await sessions.issue(session)), session);
    }
  }
});

Deno.test("no two sessions are the same", async () => {
  const sessions = await Sessions.open(newKey());
  const created = Array.from({ length: 1000 }, () => sessions.create());
  assertEquals(new Set(created.map(({ id }) => id)).size, 1000);
  assertEquals(new Set(created.map(({ signIn }) => signIn)).size, 1000);
  for (const { id } of created) assertMatch(id, /^[\w-]{20}$/);
  const another = sessions.another(created[0]!);
  assertEquals(another.id, created[0]!.id);
  assertNotEquals(another.signIn, created[0]!.signIn);
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

/** As versions before 0.2 made them. */
async function signed(key: Uint8Array<ArrayBuffer>, fields: unknown): Promise<string> {
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  const imported = await crypto.subtle.importKey("raw", key, algorithm, false, ["sign"]);
  const payload = new TextEncoder().encode(JSON.stringify(fields));
  const mac = new Uint8Array(await crypto.subtle.sign("HMAC", imported, payload));
  return `${payload.toBase64(base64url)}.${mac.toBase64(base64url)}`;
}

Deno.test("a token ends when it was not used for its life, and says what to do then", async () => {
  const clock = new ManualClock();
  const sessions = await Sessions.open(newKey(), { clock, lifeMs: 30 * DAY_MS });
  const session = sessions.create("ann");
  const token = await sessions.issue(session);
  clock.advance(30 * DAY_MS);
  assertEquals(await sessions.authenticate(token), session);
  clock.advance(1);
  assertEquals(await sessions.verify(token), undefined);
  const { code, message } = await assertRejects(() => sessions.authenticate(token), Refusal);
  assertEquals(code, "unauthorized");
  assertMatch(message, /not been used for so long .* POST \/api\/session/);
});

Deno.test("a token that is used is renewed once a day, and goes on without end", async () => {
  const clock = new ManualClock();
  const sessions = await Sessions.open(newKey(), { clock, lifeMs: 30 * DAY_MS });
  const first = { ...sessions.create("ann"), proof: "x7" };
  const firstToken = await sessions.issue(first);
  let token = firstToken;
  for (let day = 0; day < 100; day++) {
    for (const part of ["morning", "evening"]) {
      const session = await sessions.authenticate(token);
      const next = await sessions.issue(sessions.renew(session, "ann"));
      if (part === "evening") assertEquals(next, token, "no new one within the day");
      token = next;
      clock.advance(DAY_MS / 2);
    }
  }
  const { id, signIn, proof, issuedAt } = await sessions.authenticate(token);
  assertEquals({ id, signIn, proof }, { id: first.id, signIn: first.signIn, proof: "x7" });
  assertEquals(issuedAt, 99 * DAY_MS);
  assertEquals(await sessions.verify(firstToken), undefined, "the first one has ended");
});

Deno.test("a token of an earlier version is good, is renewed, and ends too", async () => {
  const clock = new ManualClock();
  clock.advance(100 * DAY_MS);
  const key = newKey();
  const options = { clock, lifeMs: 30 * DAY_MS, since: clock.now() };
  const sessions = await Sessions.open(key, options);
  const old = await signed(key, ["x".repeat(20), "ann"]);
  const session = await sessions.authenticate(old);
  assertEquals(session, {
    id: "x".repeat(20),
    name: "ann",
    signIn: EARLIER_SIGN_IN,
    issuedAt: clock.now(),
  });
  const renewed = await sessions.issue(sessions.renew(session, "ann"));
  assertNotEquals(renewed, old);
  assertEquals(await sessions.verify(renewed), session);
  for (const name of [null, "ann: yes, I agree"]) { // the second was a name then
    const { id, name: read } = await sessions.authenticate(await signed(key, ["x", name]));
    assertEquals([id, read], ["x", undefined]);
  }
  clock.advance(30 * DAY_MS + 1);
  assertEquals(await sessions.verify(old), undefined);
});

Deno.test("a token of a later version is not misread", async () => {
  const key = newKey();
  const sessions = await Sessions.open(key);
  for (const fields of [[2, "id", "ann", "x", 0], [], [null], {}]) {
    assertEquals(await sessions.verify(await signed(key, fields)), undefined);
  }
});

Deno.test("a sign-in that was ended, or used since, counts as such", async () => {
  const clock = new ManualClock();
  const ended = new Set<string>();
  const used: { at?: number } = {};
  const record = {
    isEnded: ({ signIn }: Session) => ended.has(signIn),
    usedAt: () => used.at,
  };
  const sessions = await Sessions.open(newKey(), { clock, lifeMs: 30 * DAY_MS, record });
  const session = sessions.create("ann");
  const token = await sessions.issue(session);
  const other = await sessions.issue(sessions.another(session));
  clock.advance(40 * DAY_MS);
  assertEquals(await sessions.verify(token), undefined);
  used.at = 20 * DAY_MS; // by a connection that stayed open until then
  assertEquals(await sessions.verify(token), session);
  ended.add(session.signIn);
  assertEquals(await sessions.verify(token), undefined);
  const { message } = await assertRejects(() => sessions.authenticate(token), Refusal);
  assertMatch(message, /was ended; .* POST \/api\/session/);
  assertEquals((await sessions.authenticate(other)).id, session.id, "the other one goes on");
});
