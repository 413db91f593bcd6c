import { assertEquals } from "@std/assert";
import { clientAddress } from "../../lib/http/client_address.ts";

const PROXY = "127.0.0.1";

function hostname(peer: string, forwarded?: string, proxies = [PROXY, "10.0.0.1"]): string {
  const headers = new Headers(forwarded === undefined ? {} : { "x-forwarded-for": forwarded });
  return clientAddress(headers, { transport: "tcp", hostname: peer, port: 1 }, proxies).hostname;
}

Deno.test("X-Forwarded-For counts from a proxy we know, and then its rightmost address that is none", () => {
  assertEquals(hostname(PROXY, "192.0.2.1"), "192.0.2.1");
  assertEquals(hostname(PROXY, "1.1.1.1, 192.0.2.1"), "192.0.2.1", "the left is the client's own");
  assertEquals(hostname(PROXY, "1.1.1.1, 192.0.2.1, 10.0.0.1"), "192.0.2.1");
  assertEquals(hostname(PROXY, "2001:db8::1"), "2001:db8::1");
  assertEquals(hostname(PROXY, "[2001:db8::1]:4711"), "2001:db8::1");
  assertEquals(hostname(PROXY, "192.0.2.1:4711"), "192.0.2.1");
  for (const none of [undefined, "", " , ", "10.0.0.1"]) {
    assertEquals(hostname(PROXY, none), PROXY);
  }
});

Deno.test("from anybody else it counts for nothing", () => {
  assertEquals(hostname("192.0.2.9", "192.0.2.1"), "192.0.2.9");
  assertEquals(hostname(PROXY, "192.0.2.1", []), PROXY);
});
