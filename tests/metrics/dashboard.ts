import dashboard from "../../lib/metrics/dashboard.json" with { type: "json" };

/** A query of the dashboard, and which panel it is of. */
export interface Query {
  readonly panel: string;
  /** For Prometheus, with what Grafana would put in the place of its variables. */
  readonly expression: string;
}

/** All queries, for all servers, over ranges of so many seconds. */
export function queries(seconds: number): Query[] {
  return dashboard.panels.flatMap(({ title, targets }) =>
    targets.map(({ expr }) => ({
      panel: title,
      expression: expr.replaceAll("$__rate_interval", `${seconds}s`).replaceAll("$instance", ".*"),
    }))
  );
}
