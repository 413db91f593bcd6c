import { assertEquals, assertNotEquals } from "@std/assert";
import { sessionCookie, tokenOf } from "../../lib/http/session_cookie.ts";
import { Sessions } from "../../lib/room/sessions.ts";

Deno.test("the token comes in Authorization, else in the cookie", () => {
  const cases: [HeadersInit, string | undefined, ("bearer" | "cookie")?][] = [
    [{}, undefined],
    [{ authorization: "Bearer a-_1.b" }, "a-_1.b", "bearer"],
    [{ authorization: "bearer  a.b " }, "a.b", "bearer"],
    [{ authorization: "Basic a.b" }, undefined],
    [{ cookie: "partyline=a.b" }, "a.b", "cookie"],
    [{ cookie: "x=1; partyline=a.b;y=2" }, "a.b", "cookie"],
    [{ cookie: "xpartyline=a.b; partyline=" }, undefined],
    [{ authorization: "Bearer c.d", cookie: "partyline=a.b" }, "c.d", "bearer"],
  ];
  for (const [headers, token, by] of cases) {
    const expected = token === undefined ? undefined : { token, by: by! };
    assertEquals(tokenOf(new Headers(headers)), expected);
  }
});

Deno.test("the cookie is out of reach of scripts and other sites, and comes back as the token", async () => {
  const sessions = await Sessions.open(crypto.getRandomValues(new Uint8Array(32)));
  const token = await sessions.issue(sessions.create("ann"));
  const attributes = "; Path=/; HttpOnly; SameSite=Strict; Max-Age=34560000";
  assertEquals(sessionCookie(token, false), `partyline=${token}${attributes}`);
  assertEquals(sessionCookie(token, true), `partyline=${token}${attributes}; Secure`);
  const cookie = sessionCookie(token, true).split(";")[0]!;
  assertEquals(tokenOf(new Headers({ cookie })), { token, by: "cookie" });
  assertNotEquals(token, "");
});
