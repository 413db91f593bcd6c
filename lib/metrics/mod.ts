/** What Prometheus is told: the rooms count, and this reads what they have counted. */

export { Metrics } from "./metrics.ts";
export { getMetrics } from "./route.ts";
export type { Sources } from "./sources.ts";
