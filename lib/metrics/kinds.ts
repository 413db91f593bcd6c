import Counter from "prom-client/counter";
import Gauge from "prom-client/gauge";
import type Registry from "prom-client/registry";
import type { Distribution } from "../base/observe/histogram.ts";

/** A name and what it means, as Prometheus shows it. */
type Described = readonly [name: string, help: string];
/** A figure for each value of a label. */
type Labelled = Readonly<Record<string, number>>;

/** Makes metrics of figures that are counted elsewhere, and read when somebody asks. */
export class Kinds {
  readonly #registry: Registry;

  constructor(registry: Registry) {
    this.#registry = registry;
  }

  /** What only grows since the start. */
  counter([name, help]: Described, read: () => number): void {
    new Counter({ name, help, registers: [this.#registry], collect: setTo(read) });
  }

  counters([name, help]: Described, label: string, read: () => Labelled): void {
    const registers = [this.#registry];
    new Counter({ name, help, labelNames: [label], registers, collect: setEach(label, read) });
  }

  /** What goes up and down. */
  gauge([name, help]: Described, read: () => number): void {
    new Gauge({ name, help, registers: [this.#registry], collect: setTo(read) });
  }

  gauges([name, help]: Described, label: string, read: () => Labelled): void {
    const registers = [this.#registry];
    new Gauge({ name, help, labelNames: [label], registers, collect: setEach(label, read) });
  }

  /** A distribution; `unit` is what 1 of it is in the unit of the name. */
  histogram([name, help]: Described, unit: number, read: () => Distribution): void {
    const get = () =>
      Promise.resolve({ name, help, type: "histogram", values: bucketsOf(name, unit, read()) });
    // A histogram of the library observes values itself; all that the registry asks of one is this.
    this.#registry.registerMetric({ name, get });
  }
}

interface Settable {
  reset(): void;
  inc(value: number): void;
}

interface SettableByLabel {
  reset(): void;
  inc(labels: Record<string, string>, value: number): void;
}

function setTo(read: () => number): (this: Settable) => void {
  return function () {
    this.reset();
    this.inc(read());
  };
}

function setEach(label: string, read: () => Labelled): (this: SettableByLabel) => void {
  return function () {
    this.reset();
    for (const [key, value] of Object.entries(read())) this.inc({ [label]: key }, value);
  };
}

/** Each bucket holds those below it too: https://prometheus.io/docs/concepts/metric_types/#histogram */
function bucketsOf(name: string, unit: number, { buckets, sum, count }: Distribution) {
  let below = 0;
  const values = buckets.map(({ atMost, count }) => ({
    metricName: `${name}_bucket`,
    labels: { le: atMost === Infinity ? "+Inf" : String(rounded(atMost * unit)) },
    value: below += count,
  }));
  return [
    ...values,
    { metricName: `${name}_sum`, labels: {}, value: sum * unit },
    { metricName: `${name}_count`, labels: {}, value: count },
  ];
}

/** Without what binary fractions add: 0.0002, not 0.00020000000000000001. */
function rounded(value: number): number {
  return Number(value.toPrecision(6));
}
