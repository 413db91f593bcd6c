import { assertEquals, assertNotEquals } from "@std/assert";
import { sessionCookie, tokenOf } from "../../lib/http/session_cookie.ts";
import { Sessions } from "../../lib/room/sessions.ts";

Deno.test("the token comes in Authorization, else as a subprotocol, else in the cookie", () => {
  const cases: [HeadersInit, string | undefined, ("bearer" | "cookie")?][] = [
    [{}, undefined],
    [{ authorization: "Bearer a-_1.b" }, "a-_1.b", "bearer"],
    [{ authorization: "bearer  a.b " }, "a.b", "bearer"],
    [{ authorization: "Basic a.b" }, undefined],
    [{ cookie: "partyline=a.b" }, "a.b", "cookie"],
    [{ cookie: "x=1; partyline=a.b;y=2" }, "a.b", "cookie"],
    [{ cookie: "xpartyline=a.b; partyline=" }, undefined],
    [{ "sec-websocket-protocol": "partyline.v1, partyline.token.a-_1.b" }, "a-_1.b", "bearer"],
    [{ "sec-websocket-protocol": "partyline.token.a.b,partyline.v1" }, "a.b", "bearer"],
    [
      { "sec-websocket-protocol": "partyline.v1, xpartyline.token.a.b, partyline.token." },
      undefined,
    ],
    [{ "sec-websocket-protocol": "partyline.token.a.b", cookie: "partyline=c.d" }, "a.b", "bearer"],
    [
      { "sec-websocket-protocol": "partyline.token.a.b", authorization: "Bearer c.d" },
      "c.d",
      "bearer",
    ],
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
  const attributes = "HttpOnly; SameSite=Strict; Max-Age=34560000";
  assertEquals(
    sessionCookie(token, { path: "/", secure: false }),
    `partyline=${token}; Path=/; ${attributes}`,
  );
  assertEquals(
    sessionCookie(token, { path: "/chat/", secure: true }),
    `partyline=${token}; Path=/chat/; ${attributes}; Secure`,
  );
  const cookie = sessionCookie(token, { path: "/", secure: true }).split(";")[0]!;
  assertEquals(tokenOf(new Headers({ cookie })), { token, by: "cookie" });
  assertNotEquals(token, "");
});
