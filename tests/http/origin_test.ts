import { assertEquals, assertThrows } from "@std/assert";
import { checkHost, checkOrigin } from "../../lib/http/origin.ts";
import { Refusal } from "../../lib/model/refusal.ts";

const request = (headers: HeadersInit) => new Request("http://localhost/", { headers });

Deno.test("a name that resolves to us and is not ours is answered 421", async () => {
  const response = checkHost(request({ host: "evil.example:8080" }), ["chat.example"])!;
  assertEquals(response.status, 421);
  assertEquals(await response.json(), {
    error: {
      code: "bad_request",
      message:
        'this server is not known as "evil.example"; its operator can allow it by --allow-host',
    },
  });
  for (const host of ["localhost.evil.example", "127.0.0.1.evil.example", "evil.example#[::1]"]) {
    assertEquals(checkHost(request({ host }), [""])?.status, 421, host);
  }
});

Deno.test("the names of this machine are known, and those that were allowed", () => {
  const own = ["localhost", "localhost:8080", "LocalHost:80", "a.localhost", "127.0.0.1:8080"];
  for (const host of [...own, "127.9.8.7", "[::1]", "[::1]:8080", "Chat.example:8443"]) {
    assertEquals(checkHost(request({ host }), ["chat.example"]), undefined, host);
  }
  assertEquals(checkHost(request({ host: "anything.example" }), ["*"]), undefined);
});

Deno.test("an IP address is no name that could be made to resolve to us: any is known", () => {
  const own = ["192.168.1.20:8080", "10.0.0.1", "203.0.113.9", "[fe80::1]:8080", "[2001:db8::7]"];
  for (const host of own) assertEquals(checkHost(request({ host }), [""]), undefined, host);
  const none = [
    "256.1.1.1",
    "1.2.3",
    "1.2.3.4.5",
    "[::1",
    "[::g]",
    "[1.2.3.4.example]",
    "0x7f000001",
  ];
  for (const host of none) assertEquals(checkHost(request({ host }), [""])?.status, 421, host);
});

Deno.test("a request without a host is refused", () => {
  assertEquals(checkHost(request({}), ["*"])?.status, 400);
});

Deno.test("a page of another origin may not come in, whatever it calls itself", () => {
  const host = "chat.example:8443";
  const origins = [
    "http://evil.example",
    "https://chat.example:8444",
    "https://chat.example",
    "https://chat.example:8443.evil.example",
    "https://evil.chat.example:8443",
    "null",
    "",
    "chat.example:8443",
  ];
  for (const origin of origins) {
    const { code } = assertThrows(() => checkOrigin(request({ host, origin })), Refusal);
    assertEquals(code, "forbidden", origin);
  }
  assertThrows(() => checkOrigin(request({ origin: "null" })), Refusal);
});

Deno.test("a page of our own may, and so may who is no browser", () => {
  const cases: HeadersInit[] = [
    { host: "chat.example:8443", origin: "https://chat.example:8443" },
    { host: "Chat.Example", origin: "https://chat.example" },
    { host: "[::1]:8080", origin: "http://[::1]:8080" },
    { host: "localhost:8080" },
  ];
  for (const headers of cases) checkOrigin(request(headers));
});

Deno.test("a form of our own page hides its origin, and the browser vouches for it", () => {
  const form = { host: "chat.example", origin: "null" };
  checkOrigin(request({ ...form, "sec-fetch-site": "same-origin" }));
  for (const site of ["same-site", "cross-site", "none", "same-origin, cross-site", ""]) {
    const { code } = assertThrows(
      () => checkOrigin(request({ ...form, "sec-fetch-site": site })),
      Refusal,
    );
    assertEquals(code, "forbidden", site);
  }
});
