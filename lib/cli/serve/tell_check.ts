import { readCertificate } from "../../base/net/tls/certificate.ts";
import type { Values } from "../flags/mod.ts";
import { type accessFlags, accessOf } from "./access_flags.ts";
import { type clusterFlags, clusterOf } from "./cluster_flags.ts";
import { type identityFlags, identityOf } from "./identity_flags.ts";
import { type networkFlags, networkOf } from "./network_flags.ts";
import { opennessWarning } from "./openness.ts";
import { check, type Checked, type Finding } from "./operations/check.ts";

type Options =
  & Checked
  & Values<typeof accessFlags & typeof clusterFlags & typeof identityFlags & typeof networkFlags>;

/**
 * `--check`: a line for each finding. The exit code is 1 where one of them would keep the server from
 * starting.
 */
export async function tellCheck(options: Options): Promise<number> {
  const findings = [
    ...checkOptions(options),
    ...await check(options),
    ...await checkNats(options),
  ];
  for (const { level, what } of findings) console.log(`${level.padEnd(6)}${what}`);
  return findings.some(({ level }) => level === "fault") ? 1 : 0;
}

/** What options say together, and the files that they name. */
function checkOptions(options: Options): Finding[] {
  const findings: Finding[] = [];
  const note = (what: string) => void findings.push({ level: "note", what });
  try {
    identityOf(options);
    clusterOf(options);
    const { password } = accessOf(options, note);
    const open = opennessWarning({ host: options.host, password });
    if (open !== undefined) note(open);
    const { tls } = networkOf(options);
    if (tls) checkCertificate(readCertificate(tls).until, note);
    findings.push({ level: "ok", what: "the options can be used" });
  } catch (error) {
    findings.push({ level: "fault", what: (error as Error).message });
  }
  return findings;
}

/** Whether NATS lets a node in, where there is one. */
async function checkNats(options: Options): Promise<Finding[]> {
  if (options.log === undefined) return [];
  const { Nats } = await import("../../nats/mod.ts");
  try {
    await using nats = await Nats.open(clusterOf(options)!, { openMs: 0 });
    return [{ level: "ok", what: `NATS at ${nats.server} can be used, and has JetStream` }];
  } catch (error) {
    return [{ level: "fault", what: (error as Error).message }];
  }
}

function checkCertificate(until: number, note: (what: string) => void): void {
  const day = new Date(until).toISOString().slice(0, 10);
  note(
    until > Date.now() ? `the certificate is good until ${day}` : `the certificate ended on ${day}`,
  );
}
