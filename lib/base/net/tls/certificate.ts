import { createPrivateKey, X509Certificate } from "node:crypto";
import { StartupError } from "../../startup_error.ts";

/** The files that the flags `--tls-cert` and `--tls-key` name. */
export interface CertificateFiles {
  readonly cert: string;
  readonly key: string;
}

/** A certificate with its chain, and the key that belongs to it, both in PEM. */
export interface Certificate {
  readonly cert: string;
  readonly key: string;
  /** When it ends, in milliseconds since the Unix epoch. */
  readonly until: number;
}

/** The files where both are given, undefined where none is. Throws a StartupError where one is. */
export function certificateFiles(
  { cert, key }: { readonly cert: string | undefined; readonly key: string | undefined },
): CertificateFiles | undefined {
  if (cert !== undefined && key !== undefined) return { cert, key };
  if (cert === undefined && key === undefined) return undefined;
  const [given, missing] = cert === undefined
    ? ["--tls-key", "--tls-cert"]
    : ["--tls-cert", "--tls-key"];
  throw new StartupError(`${given} is given without ${missing}; TLS needs both`);
}

/** Reads and checks a pair. Throws a StartupError that names the file and what is wrong with it. */
export function readCertificate(files: CertificateFiles): Certificate {
  const cert = read("--tls-cert", files.cert);
  const key = read("--tls-key", files.key);
  const certificate = parsed(`--tls-cert ${files.cert}`, "certificate", () => {
    return new X509Certificate(cert);
  });
  const privateKey = parsed(`--tls-key ${files.key}`, "private key", () => createPrivateKey(key));
  if (!certificate.checkPrivateKey(privateKey)) {
    throw new StartupError(
      `--tls-key ${files.key} does not belong to the certificate in --tls-cert ${files.cert}`,
    );
  }
  const pair = { cert, key, until: Date.parse(certificate.validTo) };
  const refusal = refusalOf(pair);
  if (refusal === undefined) return pair;
  throw new StartupError(
    `cannot use --tls-cert ${files.cert} with --tls-key ${files.key}: ${refusal}`,
  );
}

/** Why the runtime would not serve with the pair; it knows fewer kinds of keys than there are. */
function refusalOf({ cert, key }: Certificate): string | undefined {
  try {
    Deno.listenTls({ hostname: "127.0.0.1", port: 0, cert, key }).close();
  } catch (error) {
    if (!(error instanceof Deno.errors.NotCapable)) return (error as Error).message;
  }
  return undefined;
}

function read(flag: string, path: string): string {
  try {
    return Deno.readTextFileSync(path);
  } catch (cause) {
    const why = cause instanceof Deno.errors.NotFound
      ? "there is no such file"
      : cause instanceof Deno.errors.PermissionDenied
      ? "it is not readable for this user"
      : (cause as Error).message;
    throw new StartupError(`cannot read ${flag} ${path}: ${why}`, { cause });
  }
}

function parsed<T>(where: string, what: string, parse: () => T): T {
  try {
    return parse();
  } catch (cause) {
    throw new StartupError(`${where} has no ${what} in PEM, or one that cannot be read`, { cause });
  }
}
