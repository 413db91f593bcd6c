import { assertEquals, assertRejects } from "@std/assert";
import type { Exchange } from "../../lib/http/exchange.ts";
import { getMetrics, type Sources } from "../../lib/metrics/mod.ts";
import { Refusal } from "../../lib/model/refusal.ts";

const FIGURES = { contentType: "text/plain", text: () => Promise.resolve("figures") };

/** A request from a peer; `address` is whom a trusted proxy says it asks for. */
function ask(allowed: readonly string[] | "all", peer: string, headers: HeadersInit = {}) {
  const addr = (hostname: string) => ({ transport: "tcp", hostname, port: 1 }) as const;
  const request = new Request("http://localhost/metrics", { headers });
  const exchange = { request, peer: addr(peer), address: addr("127.0.0.1") };
  return getMetrics({} as Sources, allowed, () => Promise.resolve(FIGURES))(
    exchange as unknown as Exchange,
  );
}

Deno.test("the figures are for this machine, and for addresses that are allowed", async () => {
  const cases: [readonly string[], string][] = [
    [[], "127.0.0.1"],
    [[], "::1"],
    [[], "::ffff:127.0.0.1"],
    [["192.0.2.1"], "192.0.2.1"],
    [["192.0.2.1"], "::ffff:192.0.2.1"],
    [["2001:DB8:0:0::1"], "2001:db8::1"],
  ];
  for (const [allowed, peer] of cases) {
    assertEquals(await (await ask(allowed, peer)).text(), "figures", peer);
  }
  assertEquals(
    await (await ask("all", "192.0.2.9", { "x-forwarded-for": "1.1.1.1" })).text(),
    "figures",
  );
});

Deno.test("others are refused, whatever a header or a proxy says of them", async () => {
  const refused = async (allowed: readonly string[], peer: string, headers: HeadersInit = {}) => {
    const { code } = await assertRejects(async () => await ask(allowed, peer, headers), Refusal);
    assertEquals(code, "forbidden");
  };
  await refused([], "192.0.2.1");
  await refused(["192.0.2.2"], "192.0.2.1");
  await refused([], "192.0.2.1", { "x-forwarded-for": "127.0.0.1" });
  // A proxy on this machine asks for somebody who may be anywhere.
  for (const header of ["x-forwarded-for", "forwarded", "x-real-ip", "via"]) {
    await refused([], "127.0.0.1", { [header]: "127.0.0.1" });
  }
});
