import { assertEquals, assertThrows } from "@std/assert";
import { checkHost } from "../../../lib/http/origin/host.ts";
import { Origins } from "../../../lib/http/origin/origins.ts";
import { Refusal } from "../../../lib/model/refusal.ts";

Deno.test("a name that resolves to us and is not ours is answered 421", async () => {
  const response = checkHost("evil.example:8080", ["chat.example"])!;
  assertEquals(response.status, 421);
  assertEquals(await response.json(), {
    error: {
      code: "bad_request",
      message:
        'this server is not known as "evil.example"; its operator can allow it by --allow-host',
    },
  });
  for (const host of ["localhost.evil.example", "127.0.0.1.evil.example", "evil.example#[::1]"]) {
    assertEquals(checkHost(host, [""])?.status, 421, host);
  }
});

Deno.test("the names of this machine are known, and those that were allowed", () => {
  const own = ["localhost", "localhost:8080", "LocalHost:80", "a.localhost", "127.0.0.1:8080"];
  for (const host of [...own, "127.9.8.7", "[::1]", "[::1]:8080", "Chat.example:8443"]) {
    assertEquals(checkHost(host, ["chat.example"]), undefined, host);
  }
  assertEquals(checkHost("anything.example", ["*"]), undefined);
  assertEquals(checkHost("chat.example", ["chat.example:8443"]), undefined);
  assertEquals(checkHost("other.example", ["chat.example:8443"])?.status, 421);
});

Deno.test("an IP address is no name that could be made to resolve to us: any is known", () => {
  const own = ["192.168.1.20:8080", "10.0.0.1", "203.0.113.9", "[fe80::1]:8080", "[2001:db8::7]"];
  for (const host of own) assertEquals(checkHost(host, [""]), undefined, host);
  const none = [
    "256.1.1.1",
    "1.2.3",
    "1.2.3.4.5",
    "[::1",
    "[::g]",
    "[1.2.3.4.example]",
    "0x7f000001",
  ];
  for (const host of none) assertEquals(checkHost(host, [""])?.status, 421, host);
});

/** What the operator has said, and what was reported. */
function origins(allowed: string[] = [], hosts: string[] = []) {
  const reports: string[] = [];
  return {
    reports,
    origins: new Origins({ allowed, hosts, report: (what) => reports.push(what) }),
  };
}

function refused(origins: Origins, headers: Record<string, string>, arrival: Arrived): void {
  const { code } = assertThrows(
    () => origins.of(new Headers(headers), arrival),
    Refusal,
  ) as Refusal;
  assertEquals(code, "forbidden", headers.origin);
}

type Arrived = Parameters<Origins["of"]>[1];

const at = (host: string, secure?: boolean): Arrived => ({ host, secure });

Deno.test("a page of another origin may not come in, whatever it calls itself", () => {
  const foreign = [
    "http://evil.example",
    "https://chat.example:8444",
    "https://chat.example",
    "https://chat.example:8443.evil.example",
    "https://evil.chat.example:8443",
    "null",
    "",
    "chat.example:8443",
  ];
  for (const origin of foreign) refused(origins().origins, { origin }, at("chat.example:8443"));
  refused(origins().origins, { origin: "null" }, at(""));
});

Deno.test("a page of our own may, and so may who is no browser", () => {
  const cases: [Record<string, string>, Arrived][] = [
    [{ origin: "https://chat.example:8443" }, at("chat.example:8443")],
    [{ origin: "https://chat.example" }, at("Chat.Example")],
    [{ origin: "https://chat.example" }, at("chat.example:443", true)],
    [{ origin: "http://chat.example" }, at("chat.example:80")],
    [{ origin: "http://[::1]:8080" }, at("[::1]:8080")],
    [{}, at("localhost:8080")],
  ];
  for (const [headers, arrival] of cases) {
    assertEquals(origins().origins.of(new Headers(headers), arrival), "own");
  }
});

Deno.test("a page that came without TLS is not ours where we have it", () => {
  refused(origins().origins, { origin: "http://chat.example" }, at("chat.example", true));
  const { origins: behindTls } = origins();
  const headers = new Headers({ origin: "https://chat.example" });
  assertEquals(
    behindTls.of(headers, at("chat.example", false)),
    "own",
    "a proxy nearer to the page",
  );
});

Deno.test("a form of our own page hides its origin, and the browser vouches for it", () => {
  const form = { origin: "null" };
  const headers = new Headers({ ...form, "sec-fetch-site": "same-origin" });
  assertEquals(origins().origins.of(headers, at("chat.example")), "own");
  for (const site of ["same-site", "cross-site", "none", "same-origin, cross-site", ""]) {
    refused(origins().origins, { ...form, "sec-fetch-site": site }, at("chat.example"));
  }
});

Deno.test("an operator who names host and port has said where our page is", () => {
  const { origins: named } = origins([], ["chat.example", "chat.example:8443", "*"]);
  const page = (origin: string) => new Headers({ origin });
  assertEquals(named.of(page("https://chat.example:8443"), at("chat.example")), "own");
  assertEquals(named.of(page("https://chat.example:8443"), at("127.0.0.1:8080")), "own");
  // Without a port it is the name only: other ports of a host are other people's.
  refused(named, { origin: "https://chat.example" }, at("127.0.0.1:8080"));
  refused(named, { origin: "https://chat.example:9999" }, at("chat.example"));
});

Deno.test("what a refused deployment would need is reported once, and never without end", () => {
  const { origins: strict, reports } = origins();
  for (let i = 0; i < 3; i++) {
    refused(strict, { origin: "https://chat.example:8443" }, at("chat.example"));
  }
  assertEquals(reports, [
    'a page of https://chat.example:8443 was refused, since its request was for "chat.example": ' +
    "if it is this room's own, have the proxy pass Host as it came (nginx: $http_host), or start " +
    "with --allow-host chat.example:8443; if it is another that may come in, with --allow-origin " +
    "https://chat.example:8443",
  ]);
  refused(strict, { origin: "https://a.example" }, at('x"\u001b[31m\n'));
  assertEquals(reports[1]!.includes("--allow-host a.example:443;"), true);
  assertEquals(reports[1]!.includes("\u001b"), false, "no escape sequence gets into a log");
  for (let i = 0; i < 50; i++) refused(strict, { origin: `https://e${i}.example` }, at("x"));
  assertEquals(reports.length, 10);
});

Deno.test("an origin that was allowed comes in as itself, and any where any is", () => {
  const { origins: some } = origins(["https://a.example"]);
  const page = (origin: string) => new Headers({ origin });
  assertEquals(some.of(page("https://a.example"), at("chat.example")), "allowed");
  assertEquals(some.of(page("https://chat.example"), at("chat.example")), "own");
  for (
    const origin of ["http://a.example", "https://a.example:8443", "https://b.a.example", "null"]
  ) {
    refused(some, { origin }, at("chat.example"));
  }
  const { origins: any } = origins(["*"]);
  assertEquals(any.of(page("https://b.example"), at("chat.example")), "allowed");
  assertEquals(any.of(page("null"), at("chat.example")), "allowed");
});
