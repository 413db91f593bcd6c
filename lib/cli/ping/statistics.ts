/** Statistics of round trips, in constant memory. */
export class Statistics {
  sent = 0;
  received = 0;
  #min = Infinity;
  #max = 0;
  #mean = 0;
  /** The sum of the squared distances from the mean: Welford's method, exact for long series too. */
  #squares = 0;

  answered(ms: number): void {
    this.received++;
    this.#min = Math.min(this.#min, ms);
    this.#max = Math.max(this.#max, ms);
    const distance = ms - this.#mean;
    this.#mean += distance / this.received;
    this.#squares += distance * (ms - this.#mean);
  }

  /** The last lines of ping(8); `lost` stands where it has its errors and duplicates. */
  summary(target: string, elapsedMs: number): string[] {
    const { sent, received } = this;
    const lost = sent - received;
    const percent = sent === 0 ? 0 : Number((100 * lost / sent).toPrecision(6));
    const counts = `${sent} packets transmitted, ${received} received, ${lost} lost`;
    const lines = [
      `--- ${target} ping statistics ---`,
      `${counts}, ${percent}% packet loss, time ${Math.round(elapsedMs)}ms`,
    ];
    if (received > 0) {
      const figures = [this.#min, this.#mean, this.#max, Math.sqrt(this.#squares / received)];
      const shown = figures.map((ms) => ms.toFixed(3)).join("/");
      lines.push(`rtt min/avg/max/stddev = ${shown} ms`);
    }
    return lines;
  }
}

/** A round trip as ping(8) writes it: three digits, or all there are before the point. */
export function formatRtt(ms: number): string {
  const digits = ms < 0.9995 ? 3 : ms < 9.995 ? 2 : ms < 99.95 ? 1 : 0;
  return `${ms.toFixed(digits)} ms`;
}
