import { assertEquals } from "@std/assert";
import { isAddress, isLoopback, plainAddress } from "../../../lib/base/net/address.ts";

Deno.test("one address is one text, however it is written", () => {
  assertEquals(plainAddress("::ffff:127.0.0.1"), "127.0.0.1");
  assertEquals(plainAddress("2001:DB8:0:0::1"), "2001:db8::1");
  assertEquals(plainAddress("[::1]"), "::1");
  assertEquals(plainAddress("fe80::1%eth0"), "fe80::1");
});

Deno.test("only addresses of this machine's own network are loopback, and no name is", () => {
  for (const own of ["127.0.0.1", "127.9.9.9", "::1", "0:0::1", "::ffff:127.0.0.1", "[::1]"]) {
    assertEquals(isLoopback(own), true, own);
  }
  for (const other of ["128.0.0.1", "::", "0.0.0.0", "::ffff:10.0.0.1", "127.0.0.1.example.org"]) {
    assertEquals(isLoopback(other), false, other);
  }
});

Deno.test("an address is told from a name", () => {
  for (const text of ["192.0.2.1", "::", "2001:db8::1"]) assertEquals(isAddress(text), true, text);
  for (const text of ["localhost", "192.0.2.256", "192.0.2", "", "all", "1::2::3"]) {
    assertEquals(isAddress(text), false, text);
  }
});
