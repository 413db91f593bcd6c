/** What Prometheus is told: the rooms count, and this reads what they have counted. */

export { getMetrics } from "./route.ts";
export type { Figures, Sources } from "./sources.ts";
