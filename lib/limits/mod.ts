/** What clients may send and hold open: each limit in one place, counted by connection and by address. */

export { type Allowance, bytesCost, frameCost } from "./allowance.ts";
export { FloodLog } from "./flood_log.ts";
export type { Holder, LimitCounts, Limited } from "./counts.ts";
export type { UploadAllowance } from "./uploads.ts";
export { clientKey, type LimitOptions, Limits, NO_LIMITS } from "./limits.ts";
