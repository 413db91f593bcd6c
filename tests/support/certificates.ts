import { fileURLToPath } from "node:url";
import type { CertificateFiles } from "../../lib/base/net/tls/certificate.ts";

function path(name: string): string {
  return fileURLToPath(new URL(`./certificates/${name}`, import.meta.url));
}

/** Who has signed the certificates, in PEM. */
export const CA = Deno.readTextFileSync(path("ca.pem"));

/** A pair for `localhost` and 127.0.0.1. */
export function pair(name: "first" | "second"): CertificateFiles {
  return { cert: path(`${name}.pem`), key: path(`${name}.key`) };
}

/** A pair in files of their own, which are replaced as a renewal does. */
export class PairOnDisk implements AsyncDisposable {
  readonly files: CertificateFiles;
  readonly #folder: string;

  private constructor(folder: string) {
    this.#folder = folder;
    this.files = { cert: `${folder}/cert.pem`, key: `${folder}/key.pem` };
  }

  static async make(name: "first" | "second" = "first"): Promise<PairOnDisk> {
    const made = new PairOnDisk(await Deno.makeTempDir({ prefix: "partyline-" }));
    made.replace(name);
    return made;
  }

  replace(name: "first" | "second", which: "both" | "cert" | "key" = "both"): void {
    const { cert, key } = pair(name);
    if (which !== "key") Deno.copyFileSync(cert, this.files.cert);
    if (which !== "cert") Deno.copyFileSync(key, this.files.key);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.#folder, { recursive: true });
  }
}
