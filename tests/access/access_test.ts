import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { Access, type AccessOptions, Password } from "../../lib/access/mod.ts";
import { Limits, NO_LIMITS } from "../../lib/limits/mod.ts";
import type { Features } from "../../lib/model/features.ts";
import { Refusal } from "../../lib/model/refusal.ts";
import { ManualClock } from "../support/manual_clock.ts";

const RIGHT = "open sesame";
const ADDRESS = "192.0.2.7";

async function open({ password = RIGHT, ...options }: Omit<AccessOptions, "password"> & {
  password?: string | null;
} = {}) {
  const clock = new ManualClock();
  const attempts = { perSecond: 1 / 6, burst: 3 };
  const limits = new Limits({ ...NO_LIMITS, attempts }, clock);
  const opened = password === null ? undefined : await Password.open(password, new Uint8Array(32));
  const access = new Access({ ...options, password: opened }, limits);
  return { access, clock, proof: opened?.proof };
}

/** `ok`, or the code of the refusal. */
function asked(check: () => void): string {
  try {
    check();
    return "ok";
  } catch (refusal) {
    return (refusal as Refusal).code;
  }
}

function codeOf(proving: Promise<unknown>): Promise<string> {
  return proving.then(() => "ok", (refusal: Refusal) => refusal.code);
}

Deno.test("who may read and who may write, by what there is and what was shown", async () => {
  const rows: [options: Parameters<typeof open>[0], ...expected: string[]][] = [
    // options, then for somebody without the password, with another's, and with it: read, write
    [{ password: null }, "ok ok", "ok ok", "ok ok"],
    [{}, "unauthorized unauthorized", "unauthorized unauthorized", "ok ok"],
    [{ readOnlyGuests: true }, "ok forbidden", "ok forbidden", "ok ok"],
  ];
  for (const [options, ...expected] of rows) {
    const { access, proof } = await open(options);
    const rights = [undefined, "another", proof].map((proof) =>
      [
        asked(() => access.checkRead({ proof })),
        asked(() => access.checkWrite({ session: "s", proof })),
      ].join(" ")
    );
    assertEquals(rights, expected, JSON.stringify(options));
  }
});

Deno.test("a message without a session needs an operator who takes it", async () => {
  for (const password of [null, RIGHT]) {
    const anonymous = (opened: Awaited<ReturnType<typeof open>>) =>
      asked(() => opened.access.checkWrite({ session: undefined, proof: opened.proof }));
    assertEquals(anonymous(await open({ password })), "ok");
    assertEquals(anonymous(await open({ password, anonymousPosts: false })), "unauthorized");
  }
});

Deno.test("what is switched off says who did that, and what is there is told as it is", async () => {
  const { access, proof } = await open({ search: false, echo: false, anonymousPosts: false });
  for (const what of ["search", "echo"] as const) {
    const { code, message } = assertThrows(() => access.checkOffered(what), Refusal);
    assertEquals([code, message], [
      "forbidden",
      `the operator of this server has switched off ${what}`,
    ]);
  }
  const all: Features = { read: true, write: true, search: true, anonymous: true };
  assertEquals(access.features(proof), { ...all, search: false, anonymous: false });
  assertEquals((await open({ password: null })).access.features(undefined), all);
  const guests = (await open({ readOnlyGuests: true })).access.features(undefined);
  assertEquals(guests, { read: true, write: false, search: true, anonymous: false });
});

Deno.test("wrong passwords are counted by address, right ones are not", async () => {
  const { access, clock, proof } = await open();
  for (let i = 0; i < 10; i++) assertEquals(await access.prove(RIGHT, ADDRESS), proof);
  for (let i = 0; i < 3; i++) {
    assertEquals(await codeOf(access.prove("wrong", ADDRESS)), "unauthorized");
  }
  // Not even the right one is looked at, or somebody could go on trying.
  const refused = await assertRejects(() => access.prove(RIGHT, ADDRESS), Refusal);
  assertEquals([refused.code, refused.retryAfter], ["rate_limited", 6]);
  assertEquals(await codeOf(access.prove("wrong", "192.0.2.8")), "unauthorized");
  clock.advance(6000);
  assertEquals(await access.prove(RIGHT, ADDRESS), proof);
});

Deno.test("many attempts at once are as many as one after the other", async () => {
  const { access } = await open();
  const codes = await Promise.all(
    Array.from({ length: 20 }, () => codeOf(access.prove("wrong", "2001:db8::1"))),
  );
  assertEquals(codes.filter((code) => code === "unauthorized").length, 3);
  assertEquals(codes.filter((code) => code === "rate_limited").length, 17);
  // The neighbours in the same /64 are the same customer.
  assertEquals(await codeOf(access.prove("wrong", "2001:db8::2")), "rate_limited");
});

Deno.test("where there is no password, one that is given is not looked at", async () => {
  const { access } = await open({ password: null });
  assertEquals(await access.prove("anything", ADDRESS), undefined);
  const { access: guarded } = await open();
  for (const given of [7, null, {}, ["open sesame"]]) {
    assertEquals(await codeOf(guarded.prove(given, ADDRESS)), "bad_request");
  }
});
