/** What clients may send and hold open: each limit in one place, counted by connection and by address. */

export { type Allowance, bytesCost, frameCost } from "./allowance.ts";
export { clientKey, type LimitOptions, Limits, NO_LIMITS } from "./limits.ts";
