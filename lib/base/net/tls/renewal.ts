import type { Clock } from "../../clock.ts";
import { type Certificate, type CertificateFiles, readCertificate } from "./certificate.ts";

/** Certificates are renewed weeks before their end; and whoever cannot wait says so. */
const LOOK_MS = 30_000;

export interface RenewalOptions {
  readonly clock: Clock;
  /** Told of a pair that is good, and another than before. */
  readonly renewed: (certificate: Certificate) => void;
  /** Told of a pair that is not: the one before stays in use. */
  readonly report: (what: string) => void;
}

/**
 * Looks whether the files of a certificate have changed, from time to time and when it is asked to.
 * Two files do not change in one moment: a pair that does not fit is told of only when it is found
 * twice.
 */
export class Renewal implements Disposable {
  readonly #files: CertificateFiles;
  readonly #options: RenewalOptions;
  #current: Certificate;
  /** What is wrong with the files, if it is. */
  #wrong: string | undefined;
  #reported: string | undefined;
  #timer: Disposable;

  constructor(files: CertificateFiles, current: Certificate, options: RenewalOptions) {
    this.#files = files;
    this.#current = current;
    this.#options = options;
    this.#timer = this.#set();
  }

  /** Looks now. `asked`: by a person, who is told at once. */
  look(asked = false): void {
    const { renewed, report } = this.#options;
    try {
      const found = readCertificate(this.#files);
      this.#wrong = this.#reported = undefined;
      if (found.cert === this.#current.cert && found.key === this.#current.key) return;
      this.#current = found;
      report(
        `the certificate was renewed; it is good until ${new Date(found.until).toISOString()}`,
      );
      renewed(found);
    } catch (error) {
      const { message } = error as Error;
      if ((asked || message === this.#wrong) && message !== this.#reported) {
        report(`the certificate cannot be renewed, the one before stays in use: ${message}`);
        this.#reported = message;
      }
      this.#wrong = message;
    }
  }

  [Symbol.dispose](): void {
    this.#timer[Symbol.dispose]();
  }

  #set(): Disposable {
    return this.#options.clock.after(LOOK_MS, () => {
      this.look();
      this.#timer = this.#set();
    });
  }
}
