import { assert, assertEquals, assertThrows } from "@std/assert";
import { StartupError } from "../../../../lib/base/startup_error.ts";
import { readCertificate } from "../../../../lib/base/net/tls/certificate.ts";
import { Renewal } from "../../../../lib/base/net/tls/renewal.ts";
import { CA, pair, PairOnDisk } from "../../../support/certificates.ts";
import { ManualClock } from "../../../support/manual_clock.ts";

Deno.test("a pair that belongs together is read, with its end", () => {
  const { cert, key, until } = readCertificate(pair("first"));
  assert(cert.includes("BEGIN CERTIFICATE") && key.includes("PRIVATE KEY"));
  assert(until > Date.now());
});

Deno.test("what is wrong with a pair is told by the flag and the file", async () => {
  await using disk = await PairOnDisk.make();
  const { cert, key } = disk.files;
  const wrong = (message: string) => {
    assertThrows(() => readCertificate(disk.files), StartupError, message);
  };
  disk.replace("second", "key");
  wrong(`--tls-key ${key} does not belong to the certificate in --tls-cert ${cert}`);
  Deno.writeTextFileSync(key, "nonsense");
  wrong(`--tls-key ${key} has no private key in PEM`);
  Deno.removeSync(key);
  wrong(`cannot read --tls-key ${key}: there is no such file`);
  Deno.writeTextFileSync(cert, "");
  Deno.writeTextFileSync(key, "");
  wrong(`--tls-cert ${cert} has no certificate in PEM`);
  Deno.removeSync(cert);
  wrong(`cannot read --tls-cert ${cert}: there is no such file`);
});

Deno.test("a renewed pair is found by itself, and one that does not fit is told once and not used", async () => {
  await using disk = await PairOnDisk.make();
  const clock = new ManualClock();
  const reports: string[] = [];
  const renewed: string[] = [];
  using renewal = new Renewal(disk.files, readCertificate(disk.files), {
    clock,
    renewed: ({ cert }) => renewed.push(cert),
    report: (what) => reports.push(what),
  });
  clock.advance(60_000);
  assertEquals([reports, renewed], [[], []], "nothing has changed");

  // Half of a renewal: nobody is told of what the next look finds mended.
  disk.replace("second", "cert");
  clock.advance(30_000);
  assertEquals(reports, []);
  disk.replace("second", "key");
  clock.advance(30_000);
  assertEquals(renewed, [Deno.readTextFileSync(pair("second").cert)]);
  assertEquals(reports.map((what) => what.split(";")[0]), ["the certificate was renewed"]);

  disk.replace("first", "key");
  clock.advance(120_000);
  const kept = "the certificate cannot be renewed, the one before stays in use: --tls-key";
  assertEquals(reports.slice(1).map((what) => what.startsWith(kept)), [true]);
  assertEquals(renewed.length, 1);

  // Whoever asks is told at once.
  Deno.writeTextFileSync(disk.files.key, CA);
  renewal.look(true);
  assert(reports.at(-1)!.includes("has no private key in PEM"), reports.at(-1));
  disk.replace("first");
  renewal.look(true);
  assertEquals(renewed.length, 2);
});
