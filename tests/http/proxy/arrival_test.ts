import { assertEquals, assertThrows } from "@std/assert";
import * as fc from "fast-check";
import { isIP } from "node:net";
import { Networks } from "../../../lib/base/net/networks.ts";
import { arrivalOf } from "../../../lib/http/proxy/arrival.ts";

const PROXY = "127.0.0.1";
const TRUSTED = ["loopback", "10.0.0.0/8", "2001:db8:ffff::/48"];

interface Asked {
  readonly peer?: string;
  readonly url?: string;
  readonly proxies?: readonly string[];
  readonly basePath?: string;
  readonly tls?: boolean;
}

function arrival(headers: Record<string, string>, asked: Asked = {}) {
  const { peer = PROXY, url = "http://chat.example/ws", proxies = TRUSTED, basePath = "/" } = asked;
  const remoteAddr: Deno.NetAddr = { transport: "tcp", hostname: peer, port: 1 };
  return arrivalOf(
    { headers: new Headers(headers), url: new URL(url) },
    { remoteAddr, tls: asked.tls ?? false },
    { proxies: new Networks(proxies), basePath },
  );
}

function hostname(header: string | undefined, name = "x-forwarded-for", asked: Asked = {}): string {
  return arrival(header === undefined ? {} : { [name]: header }, asked).address.hostname;
}

Deno.test("X-Forwarded-For counts from a proxy we know, and then its rightmost address that is none", () => {
  assertEquals(hostname("192.0.2.1"), "192.0.2.1");
  assertEquals(hostname("1.1.1.1, 192.0.2.1"), "192.0.2.1", "the left is the client's own");
  assertEquals(hostname("1.1.1.1, 192.0.2.1, 10.0.0.1"), "192.0.2.1");
  assertEquals(hostname("1.1.1.1, 192.0.2.1, 10.0.0.1,2001:db8:ffff:1::2"), "192.0.2.1");
  assertEquals(hostname("2001:DB8::1"), "2001:db8::1");
  assertEquals(hostname("[2001:db8::1]:4711"), "2001:db8::1");
  assertEquals(hostname("[2001:db8::1]"), "2001:db8::1");
  assertEquals(hostname("192.0.2.1:4711"), "192.0.2.1");
  assertEquals(hostname("10.0.0.1"), "10.0.0.1", "a proxy that asks for itself");
  assertEquals(hostname("192.0.2.1", "x-forwarded-for", { peer: "::ffff:10.1.2.3" }), "192.0.2.1");
  for (const none of [undefined, "", " , "]) assertEquals(hostname(none), PROXY);
});

Deno.test("Forwarded counts where there is no X-Forwarded-For, with quotes, ports and brackets", () => {
  const forwarded = (header: string) => hostname(header, "forwarded");
  assertEquals(forwarded("for=192.0.2.60;proto=http;by=203.0.113.43"), "192.0.2.60");
  assertEquals(forwarded('For="[2001:db8:cafe::17]:4711"'), "2001:db8:cafe::17");
  assertEquals(forwarded('for="192.0.2.1:_port"; proto=https'), "192.0.2.1");
  assertEquals(forwarded("for=1.1.1.1, for=192.0.2.1, for=10.0.0.1"), "192.0.2.1");
  assertEquals(forwarded('for="\\1.2.3.4"'), "1.2.3.4", "RFC 9110, section 5.6.4");
  // Half a quote of the client's own does not swallow what the proxy has added.
  assertEquals(forwarded('for="1.1.1.1, for=192.0.2.1'), "192.0.2.1");
  const both = { "forwarded": "for=1.1.1.1", "x-forwarded-for": "192.0.2.1" };
  assertEquals(arrival(both).address.hostname, "192.0.2.1");
});

Deno.test("what is hidden, unknown or garbage makes no address: the last proxy stands for it", () => {
  for (
    const hidden of ["for=_hidden", "for=unknown", "for=", "", ";;", "proto=https", "for=x, for=_y"]
  ) {
    assertEquals(hostname(hidden, "forwarded"), PROXY, hidden);
  }
  for (
    const garbage of [
      "unknown",
      "256.1.1.1",
      "1.2.3",
      "0x7f.1",
      "::1%eth0",
      "[1.2.3.4]",
      "[::1",
      "a:b:c",
    ]
  ) {
    assertEquals(hostname(garbage), PROXY, garbage);
    assertEquals(
      hostname(`1.1.1.1, ${garbage}, 10.0.0.7`),
      "10.0.0.7",
      "what is behind is not believed",
    );
  }
});

Deno.test("from anybody else it counts for nothing", () => {
  const lies = {
    "x-forwarded-for": "192.0.2.1",
    "forwarded": "for=192.0.2.1;proto=https;host=evil.example",
    "x-forwarded-proto": "https",
    "x-forwarded-host": "evil.example",
    "x-forwarded-prefix": "/evil/",
  };
  const direct = {
    address: { transport: "tcp", hostname: "192.0.2.9", port: 1 },
    host: "chat.example",
    secure: undefined,
    prefix: "/",
  } as const;
  assertEquals(arrival(lies, { peer: "192.0.2.9" }), direct);
  assertEquals(
    arrival(lies, { proxies: [] }),
    { ...direct, address: { ...direct.address, hostname: PROXY } },
  );
});

Deno.test("whatever stands in the headers, the address is an address", () => {
  const part = fc.oneof(
    fc.string(),
    fc.ipV4(),
    fc.ipV6(),
    fc.constantFrom(",", ";", "for=", '"', "["),
  );
  fc.assert(fc.property(fc.array(part), fc.boolean(), (parts, standard) => {
    const header = parts.join("").replaceAll(/[^\t\x20-\x7e]/g, "");
    const name = standard ? "forwarded" : "x-forwarded-for";
    assertEquals(isIP(hostname(header, name)) > 0, true);
  }));
});

Deno.test("the scheme is the one that the client used, as far as it is told", () => {
  const secure = (headers: Record<string, string>, asked?: Asked) => arrival(headers, asked).secure;
  assertEquals(secure({}), undefined);
  assertEquals(secure({}, { tls: true, peer: "192.0.2.9" }), true);
  assertEquals(secure({ "x-forwarded-proto": "https" }), true);
  assertEquals(secure({ "x-forwarded-proto": "HTTPS" }), true);
  assertEquals(secure({ "x-forwarded-proto": "http" }), false);
  assertEquals(secure({ "forwarded": "for=192.0.2.1;proto=https" }), true);
  const hops = { "x-forwarded-for": "192.0.2.1, 10.0.0.1" };
  assertEquals(
    secure({ ...hops, "x-forwarded-proto": "https, http" }),
    true,
    "the client's own hop",
  );
  assertEquals(secure({ ...hops, "x-forwarded-proto": "https" }), true, "one for both");
  const spoofed = { "x-forwarded-for": "1.1.1.1, 192.0.2.1", "x-forwarded-proto": "https, http" };
  assertEquals(secure(spoofed), false);
});

Deno.test("the host is the one that the client asked for", () => {
  const host = (headers: Record<string, string>, asked?: Asked) => arrival(headers, asked).host;
  assertEquals(host({ host: "a.example" }), "a.example");
  assertEquals(host({}), "chat.example", "HTTP/2 says it in the URL");
  assertEquals(host({ host: "a.example", "x-forwarded-host": "b.example:8443" }), "b.example:8443");
  const told = { "x-forwarded-host": "b.example", "x-forwarded-port": "8443" };
  assertEquals(host({ host: "a.example", ...told }), "b.example:8443");
  assertEquals(host({ host: "a.example", "forwarded": "for=1.1.1.1;host=c.example" }), "c.example");
});

Deno.test("the prefix is the proxy's, else the operator's where the request has it", () => {
  const prefix = (headers: Record<string, string>, asked?: Asked) => arrival(headers, asked).prefix;
  assertEquals(prefix({ "x-forwarded-prefix": "/chat" }), "/chat/");
  assertEquals(prefix({ "x-forwarded-prefix": "/a/b/" }), "/a/b/");
  for (const bad of ["chat", "//", "/a;b", "/a b", "/../", "/a\tb", `/${"x".repeat(99)}`]) {
    assertEquals(prefix({ "x-forwarded-prefix": bad }), "/", bad);
  }
  const chat = { basePath: "/chat/" };
  assertEquals(prefix({}, chat), "/chat/", "a proxy that takes the path away");
  assertEquals(prefix({}, { ...chat, peer: "192.0.2.9" }), "/", "nobody has taken one away");
  const whole = { ...chat, peer: "192.0.2.9", url: "http://chat.example/chat/ws" };
  assertEquals(prefix({}, whole), "/chat/");
});

Deno.test("ranges are of the version that they are written in, and IPv4 may come as IPv6", () => {
  const networks = new Networks(["10.0.0.0/8", "192.0.2.7", "fd00::/8", "loopback"]);
  for (
    const ours of ["10.255.0.1", "::ffff:10.0.0.1", "192.0.2.7", "fd12::1", "127.1.2.3", "::1"]
  ) {
    assertEquals(networks.has(ours), true, ours);
  }
  for (const foreign of ["11.0.0.1", "192.0.2.8", "fe00::1", "::2", "", "10", "chat.example"]) {
    assertEquals(networks.has(foreign), false, foreign);
  }
  for (const bad of ["10.0.0.0/33", "::/129", "10.0.0.0/", "10.0.0.0/8/8", "x", "fe80::1%eth0"]) {
    assertThrows(() => new Networks([bad]), Error, `"${bad}" is no address`);
  }
});
